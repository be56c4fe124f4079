import { createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { listen } from './listen.ts'

const server = createServer()
afterEach(() => server.close())

test('a server that listens is not ended by its errors, and each of them is told', async () => {
  const told: Error[] = []
  await listen(server, { host: '127.0.0.1', port: 0 }, (error) => told.push(error))
  const errors = ['one', 'two', 'three'].map((name) => new Error(name))
  for (const error of errors) server.emit('error', error)
  expect(told).toEqual(errors)
  expect(server.listening).toBe(true)
})

test('a server that cannot listen says why, and nothing besides', async () => {
  const port = await listen(server, { host: '127.0.0.1', port: 0 }, () => undefined)
  const told: Error[] = []
  const second = createServer()
  await expect(listen(second, { host: '127.0.0.1', port }, (error) => told.push(error))).rejects.toMatchObject({
    code: 'invalid_config',
    message: `Cannot listen on 127.0.0.1:${port}: port ${port} is in use; choose another with --port or SLUICE_PORT.`,
  })
  expect(told).toEqual([])
})
