import { expect, test } from 'vitest'
import type { Tap } from '../../dialect.ts'
import { createResultReader } from './result-reader.ts'

const encoder = new TextEncoder()
const answer = '{"id":"1","choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9}}'

function read(body: Uint8Array): Tap {
  const tap = createResultReader()
  for (const byte of body) tap.write(Uint8Array.of(byte))
  tap.end()
  return tap
}

test('reads a whole answer, and relays nothing of it', () => {
  const tap = read(encoder.encode(answer))
  expect(tap).toMatchObject({ complete: true, error: undefined, reading: { result: { id: '1' } } })
  expect([tap.finishReason(), tap.usage()?.input]).toEqual(['stop', 9])
})

test.each(['', '{"choices":[', '[]', '{"object":"list"}', '{"choices":[null]}', '{"choices":["Hi"]}'])(
  'does not take %j for an answer',
  (body) => {
    expect(read(encoder.encode(body))).toMatchObject({ complete: false, error: undefined })
  },
)

test.each([{ error: { message: 'boom' } }, { choices: [], error: 'boom' }])('finds the error in %j', (body) => {
  expect(read(encoder.encode(JSON.stringify(body)))).toMatchObject({ complete: false, error: body })
})

test('does not take bytes that are no UTF-8 for an answer', () => {
  const body = encoder.encode(answer)
  body[answer.indexOf('Hi')] = 0xff
  expect(read(body)).toMatchObject({ complete: false, error: undefined })
})
