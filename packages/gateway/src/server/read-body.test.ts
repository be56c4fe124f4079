import { once } from 'node:events'
import { createServer, request as sendRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Call } from './call.ts'
import { checkCaller } from './call.ts'
import { readBody } from './read-body.ts'

/** A call whose caller has gone before anybody read it. */
async function abandonedCall(): Promise<Call> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const caller = sendRequest({ port, host: '127.0.0.1', method: 'POST', headers: { 'content-length': 2 } })
  caller.on('error', () => undefined)
  caller.end('{}')
  const [request, response] = (await once(server, 'request')) as [Call['request'], Call['response']]
  const closed = once(response, 'close')
  caller.destroy()
  await closed
  return {
    request,
    response,
    id: 'req_1',
    path: '/chat/completions',
    startedAt: 0,
    underWay: undefined,
    headers: undefined,
  }
}

test('a body of a caller who has gone already is not waited for', async () => {
  const call = await abandonedCall()
  await expect(async () => readBody(call, 100)).rejects.toMatchObject({ code: 'client_closed_request' })
})

test('work begins only for callers who are there', async () => {
  const call = await abandonedCall()
  expect(() => checkCaller(call)).toThrow(expect.objectContaining({ code: 'client_closed_request' }))
})
