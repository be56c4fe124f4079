import { SluiceError } from '@sluice/protocol'
import { expect, test } from 'vitest'
import {
  type LoopbackServer,
  serveHttp,
  serveRaw,
  serveSilence,
} from '../../../engine/src/transport/contracts/loopback-server.ts'
import { Recorder } from '../../../engine/src/transport/contracts/recorder.ts'
import { requestTo } from '../../../engine/src/transport/contracts/rig.ts'
import { transportContract } from '../../../engine/src/transport/contracts/transport-contract.ts'
import { createUndiciTransport } from './undici.ts'

transportContract('undici', () => createUndiciTransport())

// Not in the contract: `fetch` reads ahead.
test('a body that is still arriving is not read when nobody can be reached, so that the call can be made again', async () => {
  const server = await serveSilence()
  await server.close()
  const transport = createUndiciTransport()
  let read = false
  const body = {
    size: 1,
    async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
      read = true
      yield new Uint8Array(1)
    },
  }
  const recorder = new Recorder()
  transport.send(requestTo(server.origin, { body }), recorder)
  const outcome = await recorder.outcomeOf()
  expect(outcome instanceof SluiceError && outcome.code).toBe('upstream_unreachable')
  expect(read).toBe(false)
  await transport.close()
})

test('of many origins those that came first are closed, also when all are', async () => {
  const servers = await Promise.all(Array.from({ length: 3 }, () => serveHttp((_, response) => response.end('ok'))))
  const transport = createUndiciTransport({ maxOrigins: 1 })
  const ask = (server: LoopbackServer): Promise<unknown> => {
    const recorder = new Recorder()
    transport.send(requestTo(server.origin), recorder)
    return recorder.outcomeOf().then((outcome) => (outcome === 'end' ? outcome : outcome.code))
  }
  const [first, second, third] = servers as [LoopbackServer, LoopbackServer, LoopbackServer]
  expect([await ask(first), await ask(second)]).toEqual(['end', 'end'])
  // Long before its time without a call is over, after which it would be anyway.
  await first.closed(0)
  expect(await ask(first)).toBe('end')
  expect(first.sockets).toHaveLength(2)
  await transport.close()
  // Nothing that is closed already is closed again, which would fail unheard.
  expect(await ask(third)).toBe('shutting_down')
  for (const server of servers) await server.close()
})

test('calls to an origin whose connections are kept no longer end with all others', async () => {
  const silent = await serveSilence()
  const slow = await serveRaw((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'))
  const other = await serveHttp((_, response) => response.end('ok'))
  const transport = createUndiciTransport({ maxOrigins: 1 })
  const [waiting, reading, last] = [silent, slow, other].map(({ origin }) => {
    const recorder = new Recorder()
    transport.send(requestTo(origin), recorder)
    return recorder
  }) as [Recorder, Recorder, Recorder]
  expect(await last.outcomeOf()).toBe('end')
  await silent.connected(0)
  await reading.until(({ length }) => length === 4)
  await transport.close()
  expect([waiting, reading].map(({ outcome }) => outcome)).toMatchObject([
    { code: 'shutting_down' },
    { code: 'shutting_down' },
  ])
  for (const server of [silent, slow, other]) await server.close()
})
