import type { UsageRecord } from '@sluice/gateway'
import { readdirSync, readFileSync } from 'node:fs'
import type { Behaviour } from '@sluice/simulator'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../faults/ask.ts'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** The same gateway twice: one edits requests in place, the other parses them and writes them again. */
let gateways: readonly TestGateway[]
beforeAll(async () => {
  gateways = await Promise.all(
    [true, false].map(async (fastPath) => {
      const test = await startTestGateway({
        config: { server: { fast_path: fastPath }, providers: { lab: { default_model: 'small', timeout: 5 } } },
        environment: { SLUICE_FAST_PATH: '' },
      })
      // From here on the list of models is known to both.
      await ask(test.gateway.url, { method: 'GET', path: '/v1/models' })
      return test
    }),
  )
})
afterAll(() => Promise.all(gateways.map((test) => test.close())))

const fixtures = new URL('../../packages/protocol/src/dialects/openai-chat/__fixtures__/', import.meta.url)
const read = (folder: string): readonly (readonly [string, Buffer])[] => {
  const url = new URL(`${folder}/`, fixtures)
  return readdirSync(url).map((name) => [name, readFileSync(new URL(name, url))] as const)
}

const result = readFileSync(new URL('results/text.json', fixtures))
const stream = readFileSync(new URL('streams/text.chunks.txt', fixtures))

/** What caller, provider and meter saw of one request. */
interface Seen {
  readonly caller: unknown
  readonly provider: unknown
  readonly meter: unknown
}

async function see(test: TestGateway, body: string | Uint8Array, behaviour: Behaviour): Promise<Seen> {
  const { simulator, usage, gateway } = test
  simulator.reset()
  simulator.always(behaviour)
  const before = usage.length
  const { status, headers, body: text, whole } = await ask(gateway.url, { body })
  const { date: _date, 'x-sluice-overhead-ms': _overhead, 'x-request-id': id = '', ...others } = headers
  return {
    caller: { status, headers: others, body: text.replaceAll(String(id), 'ID'), whole },
    provider: simulator.requests
      .filter(({ method }) => method === 'POST')
      .map((request) => ({ path: request.path, headers: headersOf(request.rawHeaders), body: meaning(request.body) })),
    meter: usage.slice(before).map(timeless),
  }
}

async function seeBoth(
  body: string | Uint8Array,
  behaviour: Behaviour,
): Promise<Readonly<Record<'fast' | 'careful', Seen>>> {
  const [fast, careful] = await Promise.all(gateways.map((test) => see(test, body, behaviour)))
  return { fast, careful } as Record<'fast' | 'careful', Seen>
}

/** The length may differ: white space is not kept by the careful path. */
function headersOf(raw: readonly string[]): readonly string[] {
  const lines: string[] = []
  for (let index = 0; index < raw.length; index += 2) lines.push(`${raw[index]}: ${raw[index + 1]}`)
  return lines.filter((line) => !/^(host|content-length):/i.test(line))
}

function timeless({
  requestId: _id,
  startedAt: _startedAt,
  duration: _duration,
  firstToken: _firstToken,
  ...record
}: UsageRecord): object {
  return record
}

/** A body as JSON means it, but with numbers as they were written. */
function meaning(body: Buffer): unknown {
  const text = body
    .toString()
    .replaceAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
      token.startsWith('"') ? token : `{"number":"${token}"}`,
    )
  return JSON.parse(text)
}

/** Raw answers by what the request says, so that streams and others go through the same test. */
const usual = (streams: boolean): Behaviour =>
  streams ? { raw: { contentType: 'text/event-stream', body: stream } } : { raw: { body: result } }

const forms: readonly (readonly [string, (request: object) => string])[] = [
  ['compact', (request) => JSON.stringify(request)],
  ['indented', (request) => `\n${JSON.stringify(request, null, 2)}\n`],
  ['in the reverse order', (request) => JSON.stringify(Object.fromEntries(Object.entries(request).toReversed()))],
  ['with a byte order mark', (request) => `\uFEFF${JSON.stringify(request)}`],
  [
    'with keys escaped',
    (request) => JSON.stringify(request).replaceAll(/"(model|stream|stream_options)":/g, escapeKey),
  ],
  ['with model twice', (request) => `{"model":"unheard-of",${JSON.stringify(request).slice(1)}`],
]

function escapeKey(_match: string, key: string): string {
  return `"\\u00${key.charCodeAt(0).toString(16)}${key.slice(1)}":`
}

interface Variant {
  readonly model: string
  readonly stream?: boolean
  readonly stream_options?: object | null
}

const variants: readonly Variant[] = [
  { model: 'small' },
  { model: 'lab/small' },
  { model: 'unheard-of' },
  { model: 'small', stream: true },
  { model: 'small', stream: true, stream_options: { include_usage: true } },
  { model: 'lab:large', stream: true, stream_options: { include_usage: false, include_obfuscation: true } },
  { model: 'small', stream: true, stream_options: null },
  { model: 'small', stream: false, stream_options: { include_usage: true } },
]

describe.each(read('requests'))('the request %s', (_name, bytes) => {
  const request = JSON.parse(bytes.toString()) as Readonly<Record<string, unknown>>

  it.each(forms)('%s', async (_form, write) => {
    for (const variant of variants) {
      const body: Variant = { ...request, ...variant }
      const { fast, careful } = await seeBoth(write(body), usual(body.stream === true))
      expect(careful).toEqual(fast)
      expect(fast.caller).toMatchObject({ status: variant.model === 'unheard-of' ? 404 : 200 })
    }
  })

  it('as it is, with the default model', async () => {
    const { model: _model, stream: _stream, ...rest } = request
    const { fast, careful } = await seeBoth(JSON.stringify(rest), usual(false))
    expect(careful).toEqual(fast)
  })
})

describe.each(['results', 'streams', 'failures'])('answers: %s', (folder) => {
  it.each(read(folder))('%s', async (name, bytes) => {
    for (const streams of [false, true]) {
      for (const includeUsage of [false, true]) {
        const request = { model: 'lab/small', stream: streams, messages: [] }
        const body = JSON.stringify(includeUsage ? { ...request, stream_options: { include_usage: true } } : request)
        const contentType = name.endsWith('.json') ? 'application/json' : 'text/event-stream'
        for (const fault of [undefined, { kind: 'split', size: 97 } as const]) {
          const { fast, careful } = await seeBoth(body, { raw: { contentType, body: bytes }, ...(fault && { fault }) })
          expect(careful).toEqual(fast)
        }
      }
    }
  })
})

const ordinary = JSON.stringify({ model: 'lab/small', messages: [{ role: 'user', content: 'Hello' }], seed: 1 })

it.each([400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529])('status %i', async (status) => {
  const { fast, careful } = await seeBoth(ordinary, { fault: { kind: 'status', status, retryAfter: 3 } })
  expect(careful).toEqual(fast)
})

it.each([
  '',
  'hello',
  '[]',
  '{',
  '{"model":5}',
  '{"stream":"x"}',
  '{"model":"a//b"}',
  '\uFEFF',
  '{"a":"\ud800"}',
  '{}',
])('the odd body %j', async (body) => {
  const { fast, careful } = await seeBoth(body, usual(false))
  expect(careful).toEqual(fast)
})

it('any JSON object, in any spelling', async () => {
  const key = fc.oneof(
    fc.constantFrom('model', 'stream', 'stream_options', 'include_usage', 'messages', ''),
    fc.string(),
  )
  const spelled = (text: string, escape: boolean): string =>
    escape && text !== ''
      ? `"${text.replaceAll(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
      : JSON.stringify(text)
  const value = fc.oneof(
    fc.json({ maxDepth: 3 }),
    fc.constantFrom(
      '"small"',
      '"lab/large"',
      '""',
      'true',
      'false',
      'null',
      '1e400',
      '-0',
      '1.0',
      '12345678901234567890',
    ),
    fc.constantFrom('{"include_usage":true}', '{ "include_usage" : false }', '{"include_usage":1,"x":1.0}', '{}', '[]'),
    fc.constantFrom('{"includ\\u0065_usage":true}', '{"include_usage":false,"include_usage":true}'),
  )
  const space = fc.constantFrom('', ' ', '\n\t')
  const members = fc.array(fc.tuple(key, fc.boolean(), value, space), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(members, async (list) => {
      const text = list.map(([name, escape, json, gap]) => `${gap}${spelled(name, escape)}${gap}:${gap}${json}${gap}`)
      const body = `{${text.join(',')}}`
      const last = JSON.parse(body) as { readonly stream?: unknown }
      const { fast, careful } = await seeBoth(body, usual(last.stream === true))
      expect(careful).toEqual(fast)
    }),
    { numRuns: 300 },
  )
})
