import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { localActor } from '../access/actor.ts'
import type { Call } from '../server/call.ts'
import type { Admin } from './admin.ts'
import { exportUsage } from './export-usage.ts'

interface Asked {
  readonly response: ServerResponse
  /** From 1. */
  readonly page: number
}

/** An export over HTTP, of as many pages as `more` says. @returns its address, and when the handler is done. */
async function serve(more: (asked: Asked) => boolean): Promise<{ url: string; done: Promise<void> }> {
  const done = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    let page = 0
    const admin: Admin = {
      handle: async () => {
        page++
        const next = more({ response, page }) ? String(page) : null
        // More than a socket takes at once.
        const data = [{ id: `record-${page}`, filling: 'x'.repeat(100_000) }]
        return { status: 200, body: { data, next }, replayed: false }
      },
    }
    const call: Call = {
      request,
      response,
      id: 'req-1',
      path: '/api/admin/usage/export',
      startedAt: 0,
      underWay: undefined,
      headers: undefined,
    }
    exportUsage(call, admin, localActor).then(done.resolve, done.reject)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/?format=jsonl`, done: done.promise }
}

test('however many pages there are, as few listen to the connection', async () => {
  const listening: number[] = []
  const { url, done } = await serve(({ response, page }) => {
    listening.push(response.listenerCount('close') + response.listenerCount('error') + response.listenerCount('drain'))
    return page < 30
  })
  const lines = (await (await fetch(url)).text()).trimEnd().split('\n')
  await done
  expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(
    Array.from({ length: 30 }, (_, index) => `record-${index + 1}`),
  )
  expect(listening[29]).toBe(listening[2])
})

test('what is cut short does not look whole, and the log hears why', async () => {
  const { url, done } = await serve(({ page }) => {
    if (page === 3) throw new Error('The database went away.')
    return true
  })
  await Promise.all([
    expect(fetch(url).then((response) => response.text())).rejects.toThrow('terminated'),
    expect(done).rejects.toMatchObject({ code: 'internal_error' }),
  ])
})

test('it ends without a word when the caller goes away', async () => {
  const leaving = new AbortController()
  const { url, done } = await serve(() => true)
  const { body } = await fetch(url, { signal: leaving.signal })
  await body!.getReader().read()
  leaving.abort()
  await expect(done).resolves.toBeUndefined()
})

test('a record that cannot be written ends the connection, and is told', async () => {
  const { url, done } = await serve(() => false)
  const told = done.catch((error: unknown) => error)
  // What is given here is no whole record: as CSV it cannot be.
  const text = fetch(url.replace('jsonl', 'csv')).then((answer) => answer.text())
  await expect(text).rejects.toThrow(TypeError)
  expect(await told).toMatchObject({ code: 'internal_error' })
})
