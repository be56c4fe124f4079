import fc from 'fast-check'
import type { Transport, UpstreamReceiver } from 'sluice'
import { expect, test } from 'vitest'
import { Recorder } from '../../../engine/src/transport/contracts/recorder.ts'
import { requestTo } from '../../../engine/src/transport/contracts/rig.ts'
import { transportContract } from '../../../engine/src/transport/contracts/transport-contract.ts'
import { withMaskedCredentials } from './masked-credentials.ts'
import { createUndiciTransport } from './undici.ts'

const key = 'sk-ab/absk-ab/abd'
const bearer = ['Authorization', `Bearer ${key}`]

transportContract('undici, with a credential that is looked for', () => {
  const transport = withMaskedCredentials(createUndiciTransport())
  return {
    send({ destination, ...request }, receiver) {
      const headers = [...destination.headers, ...bearer]
      return transport.send({ ...request, destination: { ...destination, headers } }, receiver)
    },
    close: () => transport.close(),
  }
})

interface Told {
  headers?: readonly string[]
  path?: string
  status?: number
}

/** What comes of pieces. */
function mask(
  pieces: readonly (string | Uint8Array)[],
  { headers = bearer, path = '/', status = 200 }: Told = {},
): string {
  let receiver: UpstreamReceiver | undefined
  const inner: Transport = {
    send(_request, given) {
      receiver = given
      return { pause() {}, resume() {}, cancel() {} }
    },
    close: () => Promise.resolve(),
  }
  const recorder = new Recorder()
  withMaskedCredentials(inner).send(requestTo('http://127.0.0.1', { headers, path }), recorder)
  receiver!.start(status, {})
  for (const piece of pieces) receiver!.data(Buffer.from(piece))
  receiver!.end()
  expect(recorder.violations).toEqual([])
  return recorder.body.toString('latin1')
}

test('a credential is asterisks, as many as it has bytes', () => {
  expect(mask([`{"echo":"Bearer ${key}"}`])).toBe(`{"echo":"Bearer ${'*'.repeat(key.length)}"}`)
  expect(mask([`<${key}${key}>`])).toBe(`<${'*'.repeat(2 * key.length)}>`)
})

test('as JSON may write it, too', () => {
  expect(mask([key.replaceAll('/', String.raw`\/`)])).toBe('*'.repeat(key.length + 2))
})

test('wherever it is cut, and with whatever is about it', () => {
  const text = fc
    .array(fc.constantFrom(key, 'sk-', 'ab/', 'ab', 'd', '\n\n', 'ä'), { maxLength: 20 })
    .map((parts) => parts.join(''))
  const cuts = fc.array(fc.nat(200), { maxLength: 12 })
  fc.assert(
    fc.property(text, cuts, (said, places) => {
      const bytes = Buffer.from(said, 'latin1')
      const edges = [0, ...places.map((place) => Math.min(place, bytes.length)).toSorted((a, b) => a - b), bytes.length]
      const pieces = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end))
      expect(mask(pieces)).toBe(said.replaceAll(key, '*'.repeat(key.length)))
    }),
    { numRuns: 1_000 },
  )
})

test.each([
  ['a header of its own', { headers: ['x-api-key', key] }],
  ['a header of its own, with spaces', { headers: ['x-org-token', `two words ${key}`] }],
  ['the address', { headers: [], path: `/models?key=${encodeURIComponent(key)}` }],
])('a credential of %s', (_name, told) => {
  expect(mask([`two words ${key}`], told)).not.toContain(key)
})

test('other headers are words, and what is short is no credential', () => {
  const headers = ['x-team', 'search-team', 'content-type', 'application/json', 'authorization', 'Bearer none']
  expect(mask(['search-team none application/json'], { headers })).toBe('search-team none application/json')
})

test('errors pass as they are, for those who take credentials out of them', () => {
  expect(mask([key], { status: 401 })).toBe(key)
})

test('a piece that others hold is not written into', () => {
  const piece = Buffer.from(key)
  let heard: Uint8Array | undefined
  const inner: Transport = {
    send(_request, receiver) {
      queueMicrotask(() => {
        receiver.start(200, {})
        receiver.data(piece)
      })
      return { pause() {}, resume() {}, cancel() {} }
    },
    close: () => Promise.resolve(),
  }
  const receiver = { start() {}, data: (chunk: Uint8Array) => (heard = chunk), end() {}, error() {} }
  withMaskedCredentials(inner).send(requestTo('http://127.0.0.1', { headers: bearer }), receiver)
  return Promise.resolve().then(() => {
    expect(Buffer.from(heard!).toString()).toBe('*'.repeat(key.length))
    expect(piece.toString()).toBe(key)
  })
})

test('who gives up while the last bytes are told hears no end', () => {
  let given: UpstreamReceiver | undefined
  const inner: Transport = {
    send(_request, receiver) {
      given = receiver
      return { pause() {}, resume() {}, cancel() {} }
    },
    close: () => Promise.resolve(),
  }
  const recorder = new Recorder({ data: () => recorder.flow?.cancel() })
  recorder.flow = withMaskedCredentials(inner).send(requestTo('http://127.0.0.1', { headers: bearer }), recorder)
  given!.start(200, {})
  given!.data(Buffer.from('sk-'))
  given!.end()
  expect([recorder.body.toString(), recorder.outcome]).toEqual(['sk-', undefined])
})
