import { gzipSync } from 'node:zlib'
import { afterEach, expect, it } from 'vitest'
import { configure } from '../config/configure.ts'
import type { Middleware } from '../middleware/middleware.ts'
import { openai } from '../providers/openai.ts'
import { collect } from '../transport/collect.ts'
import { type LoopbackServer, serveHttp } from '../transport/contracts/loopback-server.ts'
import { createFetchTransport } from '../transport/fetch.ts'
import type { Transport, UpstreamRequest } from '../transport/transport.ts'
import { failureOf } from './contracts/test-sluice.ts'
import { createCore } from './create-core.ts'
import { createSluice, type Sluice, type SluiceOptions } from './create-sluice.ts'

const mebibyte = 1024 * 1024
/** What is read beyond a limit before that is seen: what inflates at once. */
const slack = mebibyte
/** The beginning of an answer and a text without an end: 256 KiB here, 256 MiB when inflated, member by member. */
const bomb = Buffer.concat([
  gzipSync('{"object":"list","data":[],"choices":[{"message":{"role":"assistant","content":"'),
  ...Array<Buffer>(32).fill(gzipSync(Buffer.alloc(8 * mebibyte, 'x'))),
])

let server: LoopbackServer
afterEach(() => server.close())

/** To what is posted; there is no list of models. */
async function serve(): Promise<void> {
  server = await serveHttp(({ message }, response) => {
    if (message.method === 'GET') response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb)
  })
}

/** Counts what comes out of answers. */
function counting(): { readonly transport: Transport; read(): number } {
  const transport = createFetchTransport()
  let bytes = 0
  return {
    read: () => bytes,
    transport: {
      close: () => transport.close(),
      send: (request, receiver) =>
        transport.send(request, {
          start: (status, headers) => receiver.start(status, headers),
          data(chunk) {
            bytes += chunk.length
            receiver.data(chunk)
          },
          end: () => receiver.end(),
          error: (error) => receiver.error(error),
        }),
    },
  }
}

it('a small answer that inflates beyond what is collected is given up', async () => {
  await serve()
  const { transport, read } = counting()
  const request: UpstreamRequest = {
    destination: { origin: server.origin, path: '/models', headers: [] },
    method: 'POST',
    body: [],
    timeouts: { connect: 5_000, firstByte: 5_000, idle: 5_000 },
  }
  const error = await failureOf(collect(transport, request, mebibyte))
  expect([error.code, error.message]).toEqual([
    'upstream_invalid_response',
    "The provider's answer is longer than 1048576 bytes.",
  ])
  await server.closed(0)
  expect(read()).toBeLessThan(mebibyte + slack)
})

const givenUp = ['upstream_invalid_response', expect.stringMatching(/l(?:ong|arg)er than \d+ bytes/), true]
const looking: Middleware = async (_, next) => {
  const response = await next()
  await response.body()
  return response
}
const changing: Middleware = async (_, next) => (await next()).transform((event) => event)

it.each<[what: string, ask: (sluice: Sluice) => Promise<unknown>, options?: SluiceOptions]>([
  ['chat', (sluice) => sluice.chat('Hello')],
  ['chat that middleware looks at', (sluice) => sluice.chat('Hello'), { middleware: [looking] }],
  ['chat that middleware changes', (sluice) => sluice.chat('Hello'), { middleware: [changing] }],
  ['stream', (sluice) => sluice.stream('Hello').text()],
  ['embed', (sluice) => sluice.embed('Hello')],
  ['speech', (sluice) => sluice.speech({ input: 'Hello', voice: 'alloy' })],
])('a small answer to %s that inflates beyond 64 MiB is given up, and not kept', async (_, ask, options) => {
  await serve()
  const { transport, read } = counting()
  const lab = { type: 'openai_compatible', base_url: server.origin, api_key: 'k', default_model: 'm', max_retries: 0 }
  const sluice = createSluice({ providers: { lab } }, { environment: {}, transport, ...options })
  const error = await failureOf(ask(sluice))
  await sluice.close()
  expect([error.code, error.message, read() < 64 * mebibyte + slack]).toEqual(givenUp)
})

it('a small answer to chat of the core that inflates beyond 64 MiB is given up, and not kept', async () => {
  await serve()
  const { transport, read } = counting()
  const provider = configure(openai, { apiKey: 'k', baseUrl: server.origin, maxRetries: 0 })
  const core = createCore({ providers: [provider], transport })
  const error = await failureOf(core.chat({ model: 'm', messages: [{ role: 'user', content: 'Hello' }] }))
  await core.close()
  expect([error.code, error.message, read() < 64 * mebibyte + slack]).toEqual(givenUp)
})
