import type { FailedStream } from '../../../contracts/chat-fixtures.ts'

const head = { id: 'cmpl-1', object: 'text_completion', created: 1794150020, model: 'm' }

function events(wires: readonly unknown[], { lineEnd = '\n', done = true } = {}): Uint8Array {
  const text = wires.map((wire) => `data: ${JSON.stringify(wire)}\n\n`).concat(done ? ['data: [DONE]\n\n'] : [])
  return new TextEncoder().encode(text.join('').replaceAll('\n', lineEnd))
}

const said = (text: string, finish_reason: string | null = null, index = 0, logprobs: unknown = null): unknown => ({
  ...head,
  choices: [{ text, index, logprobs, finish_reason }],
})
const usage = { ...head, choices: [], usage: { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 } }
const logprobs = (token: string, value: number, offset: number, rival: string): unknown => ({
  tokens: [token],
  token_logprobs: [value],
  top_logprobs: [{ [token]: value, [rival]: -9 }],
  text_offset: [offset],
})

/** One with the name of a result says the same. */
export const streams: Readonly<Record<string, Uint8Array>> = {
  plain: events([said(' a'), said(' time'), said('', 'stop')]),
  'with usage': events([said(' ä'), said(' time'), said('', 'length'), usage]),
  'ended with its last text': events([said(' a'), said(' time', 'stop')], { lineEnd: '\r\n' }),
  'without an end': events([said(' a time', 'stop')], { done: false }),
  'two choices, in turns': events([
    said(' a', null, 0),
    said(' the', null, 1),
    said(' time', 'stop', 0),
    said(' end', 'content_filter', 1),
  ]),
  'log probabilities': events([
    said(' a', null, 0, logprobs(' a', -0.1, 0, ' the')),
    said(' time', 'stop', 0, logprobs(' time', -0.25, 2, ' day')),
  ]),
  'of a server that marks the end with nothing': events([said(' a', ''), said('', 'eos')]),
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

export const failures: Readonly<Record<string, FailedStream>> = {
  cut: { bytes: events([said(' a')], { done: false }), code: 'upstream_disconnected' },
  'cut in its second choice': {
    bytes: events([said(' a', 'stop'), said(' b', null, 1)], { done: false }),
    code: 'upstream_disconnected',
  },
  nothing: { bytes: bytes(''), code: 'upstream_disconnected' },
  'only its end': { bytes: events([]), code: 'upstream_invalid_response' },
  html: { bytes: bytes('<html><body>Bad gateway</body></html>'), code: 'upstream_invalid_response' },
  'an error in its course': {
    bytes: events([said(' a'), { error: { message: 'The engine died.', type: 'server_error', code: 500 } }], {
      done: false,
    }),
    code: 'upstream_error',
  },
  'an error instead': {
    bytes: bytes('{"error":{"message":"This model\'s maximum context length is 4097 tokens.","type":"x"}}'),
    code: 'context_length_exceeded',
  },
}
