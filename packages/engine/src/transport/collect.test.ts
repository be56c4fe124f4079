import { afterEach, expect, it } from 'vitest'
import { collect } from './collect.ts'
import { type LoopbackServer, serveHttp } from './contracts/loopback-server.ts'
import { createFetchTransport } from './fetch.ts'
import type { UpstreamRequest } from './transport.ts'

let server: LoopbackServer
afterEach(() => server.close())

function request(): UpstreamRequest {
  const destination = { origin: server.origin, path: '/models', headers: [] }
  return { destination, method: 'GET', body: [], timeouts: { connect: 1_000, firstByte: 1_000, idle: 1_000 } }
}

it('gives a whole answer, whatever its status', async () => {
  server = await serveHttp((_request, response) => {
    response.writeHead(404, { 'x-why': 'gone' })
    response.write('first ')
    setImmediate(() => response.end('second'))
  })
  const { status, headers, body } = await collect(createFetchTransport(), request(), 12)
  expect([status, headers['x-why'], new TextDecoder().decode(body)]).toEqual([404, 'gone', 'first second'])
})

it('gives an empty answer', async () => {
  server = await serveHttp((_request, response) => response.end())
  expect((await collect(createFetchTransport(), request(), 0)).body).toHaveLength(0)
})

it('gives up on one that is too long, and closes its connection', async () => {
  server = await serveHttp((_request, response) => response.write('x'.repeat(1_000)))
  await expect(collect(createFetchTransport(), request(), 999)).rejects.toMatchObject({
    code: 'upstream_invalid_response',
  })
  await server.closed(0)
})

it('rejects with the failure of the call', async () => {
  server = await serveHttp((_request, response) => response.destroy())
  await expect(collect(createFetchTransport(), request(), 999)).rejects.toMatchObject({ code: 'upstream_disconnected' })
})
