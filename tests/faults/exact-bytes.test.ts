import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { ask, wholeAnswer } from './ask.ts'

/** Each fixture goes through both: edited in place, and parsed and written again. */
let fast: TestGateway
let careful: TestGateway
beforeAll(async () => {
  const simulator = { always: { raw: { body: wholeAnswer } } }
  const config = (fastPath: boolean) => ({
    server: { fast_path: fastPath },
    providers: { lab: { default_model: 'small' } },
  })
  const environment = { SLUICE_FAST_PATH: '' }
  fast = await startTestGateway({ config: config(true), simulator, environment })
  careful = await startTestGateway({ config: config(false), simulator, environment })
})
afterAll(() => Promise.all([fast.close(), careful.close()]))

async function sent(through: TestGateway, body: string | Uint8Array): Promise<Buffer> {
  const heard = await ask(through.gateway.url, { body })
  expect(heard).toMatchObject({ status: 200, body: wholeAnswer })
  return through.simulator.requests.findLast(({ method }) => method === 'POST')?.body ?? Buffer.of()
}

const messages = '"messages":[{"role":"user","content":"Hello"}]'

/** What a parser of doubles would change. */
const lexemes = [
  '1.0',
  '-0',
  '-0.0',
  '0e0',
  '1E5',
  '1e+05',
  '1e400',
  '-1e400',
  '1e-400',
  '12345678901234567890',
  '-98765432109876543210987654321',
  '0.1000000000000000055511151231257827',
  '1.7976931348623157e309',
  '9007199254740993',
]

describe('numbers reach the provider as they were written', () => {
  it.each(lexemes)('%s', async (lexeme) => {
    const body = `{"model":"small","seed":${lexeme},"nested":{"deep":[${lexeme},{"x":${lexeme}}]},${messages}}`
    expect((await sent(fast, body)).toString()).toBe(body)
    const text = (await sent(careful, body)).toString()
    expect(text).toContain(`"seed":${lexeme}`)
    expect(text.split(lexeme)).toHaveLength(4)
  })

  it('also beside the option that is added to a stream', async () => {
    const streamed = { raw: { body: ['data: {"choices":[]}\n\n', 'data: [DONE]\n\n'] } }
    for (const through of [fast, careful]) {
      for (const options of [
        '{"a":1.0,"b":-0}',
        '{"a":1.0,"include_usage":false,"b":-0}',
        '{ "b" : -0 , "a" : 1.0 }',
      ]) {
        through.simulator.next(streamed)
        await ask(through.gateway.url, {
          body: `{"model":"small","stream":true,"stream_options":${options},${messages}}`,
        })
        const text = through.simulator.requests.findLast(({ method }) => method === 'POST')?.body.toString() ?? ''
        expect(text).toMatch(/"a"\s*:\s*1\.0/)
        expect(text).toMatch(/"b"\s*:\s*-0/)
        expect(text.match(/"include_usage":true/g)).toHaveLength(1)
        expect(JSON.parse(text)).toMatchObject({ stream_options: { include_usage: true } })
      }
    }
  })
})

describe('every other byte too, on the fast path', () => {
  it.each<readonly [string, string]>([
    [
      'unknown fields',
      `{"model":"small","x_new":{"a":[1,null,true]},"":"empty","messages":[],"reasoning":{"effort":"x"}}`,
    ],
    ['white space', `\r\n\t { \t"model" :\n"small" ,\r\n ${messages}\t}\n\n `],
    ['escapes in values', `{"model":"small","user":"\\u00e9\\/\\ud83d\\ude00\\ud800\\b\\"",${messages}}`],
    ['raw Unicode', `{"model":"small","user":"é\u2028\u2029💥\u007f",${messages}}`],
    ['repeated keys that nobody reads', `{"model":"small","user":"a","user":"b",${messages}}`],
    ['keys in any order', `{${messages},"zeta":1,"model":"small","alpha":2}`],
    ['keys of objects’ own members', `{"model":"small","__proto__":{"x":1},"constructor":1,${messages}}`],
    ['empty containers', `{"model":"small","a":{},"b":[],"c":"",${messages}}`],
    ['null', `{"model":"small","stream":null,"stream_options":null,"temperature":null,${messages}}`],
    [
      'a name that is a part of another',
      `{"model_":"x","xmodel":"y","metadata":{"model":"inner","stream":true},"model":"small",${messages}}`,
    ],
  ])('%s', async (_name, body) => {
    expect((await sent(fast, body)).toString()).toBe(body)
    // Of a repeated key the careful path keeps the last value, as every parser would.
    expect(JSON.parse((await sent(careful, body)).toString())).toEqual(JSON.parse(body))
  })

  it('a large body', async () => {
    const body = `{"model":"small","messages":[{"role":"user","content":"${'é😀 '.repeat(500_000)}"}]}`
    const bytes = await sent(fast, body)
    expect(bytes.equals(Buffer.from(body))).toBe(true)
  })

  it('but the model’s name, where the provider calls it otherwise', async () => {
    const body = (model: string): string => ` {"a":1.0,"model" : ${model} ,"b":-0,${messages}} `
    expect((await sent(fast, body('"lab/small"'))).toString()).toBe(body('"small"'))
    expect((await sent(fast, body('"lab:l\\u0061rge"'))).toString()).toBe(body('"large"'))
    expect((await sent(fast, body('null'))).toString()).toBe(body('"small"'))
    expect((await sent(fast, `{"a":1.0,${messages}}`)).toString()).toBe(`{"model":"small","a":1.0,${messages}}`)
    expect((await sent(fast, '{ }')).toString()).toBe('{"model":"small"}')
  })

  it('the length is announced, so that any server can read it', async () => {
    for (const through of [fast, careful]) {
      await sent(through, `{"model":"lab/small",${messages}}`)
      const request = through.simulator.requests.at(-1)
      expect(request?.header('content-length')).toBe(String(request?.bodySize))
      expect(request?.header('transfer-encoding')).toBeUndefined()
      expect(request?.header('content-type')).toBe('application/json')
    }
  })
})

describe('and the answer’s bytes reach the caller', () => {
  it.each<readonly [string, string]>([
    ['numbers', wholeAnswer.replace('"created":1', '"created":1.0,"x":[-0,1e400,12345678901234567890]')],
    ['white space', `\n ${wholeAnswer.replaceAll(',', ' ,\r\n\t')} \n`],
    ['Unicode', wholeAnswer.replace('Hi', 'é\u2028💥\\ud800')],
    ['repeated keys', wholeAnswer.replace('"id":"c1"', '"id":"c1","id":"c2"')],
  ])('%s', async (_name, body) => {
    for (const through of [fast, careful]) {
      through.simulator.next({ raw: { body } })
      const heard = await ask(through.gateway.url, { body: `{"model":"small",${messages}}` })
      expect(heard).toMatchObject({ status: 200, body })
      expect(heard.headers['content-length']).toBe(String(Buffer.byteLength(body)))
    }
  })
})
