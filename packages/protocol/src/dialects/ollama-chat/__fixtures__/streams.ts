import type { FailedStream } from '../../../contracts/chat-fixtures.ts'

const encoder = new TextEncoder()
const lines = (...texts: readonly string[]): Uint8Array => encoder.encode(texts.map((text) => `${text}\n`).join(''))

const times =
  '"total_duration":4935886791,"load_duration":534986708,"prompt_eval_count":26,"prompt_eval_duration":107345000,"eval_count":237,"eval_duration":4289432000'

/** One line, as Ollama's server writes it. */
function line(model: string, time: string, message: string, end = '"done":false'): string {
  return `{"model":"${model}","created_at":"${time}","message":{"role":"assistant",${message}},${end}}`
}

const last = `"done":true,"done_reason":"stop",${times}`

export const streams: Readonly<Record<string, Uint8Array>> = {
  text: lines(
    line('llama3.2', '2026-08-21T14:43:14.408823Z', '"content":"It "'),
    line('llama3.2', '2026-08-21T14:43:14.508823Z', '"content":"is "'),
    line('llama3.2', '2026-08-21T14:43:14.608823Z', '"content":"sunny — 20 °C ☀."'),
    line('llama3.2', '2026-08-21T14:43:14.708823Z', '"content":""', last),
  ),
  thinking: lines(
    line('deepseek-r1', '2026-08-21T14:43:15.123456789+02:00', '"content":"","thinking":"I think "'),
    line('deepseek-r1', '2026-08-21T14:43:15.223456789+02:00', '"content":"","thinking":"of Oslo."'),
    line('deepseek-r1', '2026-08-21T14:43:15.323456789+02:00', '"content":"Sunny."'),
    line('deepseek-r1', '2026-08-21T14:43:15.423456789+02:00', '"content":""', last),
  ),
  'tool-calls': lines(
    line('qwen3.5', '2026-08-21T14:43:16.5Z', '"content":"Let me look."'),
    line(
      'qwen3.5',
      '2026-08-21T14:43:16.6Z',
      '"content":"","tool_calls":[{"id":"call_x1","function":{"index":0,"name":"get_weather","arguments":{"city":"Oslo"}}}]',
    ),
    line(
      'qwen3.5',
      '2026-08-21T14:43:16.7Z',
      '"content":"","tool_calls":[{"id":"call_x2","function":{"index":1,"name":"now","arguments":{}}}]',
    ),
    line('qwen3.5', '2026-08-21T14:43:16.8Z', '"content":""', last),
  ),
  'tool-call-without-id': lines(
    line(
      'llama3.2',
      '2026-07-07T20:32:53.844124Z',
      '"content":"","tool_calls":[{"function":{"name":"get_weather","arguments":{"city":"Tokyo"}}}]',
    ),
    line('llama3.2', '2026-07-07T20:32:54.844124Z', '"content":""', last),
  ),
  'log-probabilities': lines(
    line(
      'gemma4',
      '2026-08-21T21:17:29.110811Z',
      '"content":"H"',
      '"done":false,"logprobs":[{"token":"Hi","logprob":-0.1,"bytes":[72,105],"top_logprobs":[{"token":"Hi","logprob":-0.1,"bytes":[72,105]},{"token":"Yo","logprob":-3}]}]',
    ),
    line(
      'gemma4',
      '2026-08-21T21:17:29.210811Z',
      '"content":"i"',
      '"done":false,"logprobs":[{"token":"!","logprob":-0.2}]',
    ),
    line(
      'gemma4',
      '2026-08-21T21:17:29.310811Z',
      '"content":""',
      '"done":true,"done_reason":"stop","prompt_eval_count":26,"eval_count":2',
    ),
  ),
  'carriage returns and blank lines': encoder.encode(
    [
      '',
      line('llama3.2', '2026-08-21T14:43:14Z', '"content":"Hi"'),
      '',
      line('llama3.2', '2026-08-21T14:43:15Z', '"content":""', '"done":true'),
      '',
    ].join('\r\n'),
  ),
  'no last line feed': lines(
    line('llama3.2', '2026-08-21T14:43:14Z', '"content":"Hi"'),
    line('llama3.2', '2026-08-21T14:43:15Z', '"content":""', last),
  ).subarray(0, -1),
  'all in one line': lines(line('llama3.2', '2026-08-21T14:43:14Z', '"content":"Hi"', last)),
  'a limit and unknown members': lines(
    line('llama3.2', '2026-08-21T14:43:14Z', '"content":"Hi","future":1'),
    line('llama3.2', '2026-08-21T14:43:15Z', '"content":""', '"remote_model":"m","done":true,"done_reason":"length"'),
  ),
  loaded: lines(line('llama3.2', '2026-08-21T21:17:29.110811Z', '"content":""', '"done":true,"done_reason":"load"')),
  'a picture': lines(
    line('z-image', '2026-08-21T21:17:29.110811Z', '"content":"Here."'),
    line(
      'z-image',
      '2026-08-21T21:17:29.110811Z',
      '"content":"","images":["iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"]',
    ),
    line('z-image', '2026-08-21T21:17:29.110811Z', '"content":""', '"done":true,"done_reason":"stop"'),
  ),
}

const begun = line('llama3.2', '2026-08-21T14:43:14Z', '"content":"Hi"')

export const failures: Readonly<Record<string, FailedStream>> = {
  'an error in the stream': {
    bytes: lines(begun, '{"error":"an error was encountered while running the model: CUDA error"}'),
    code: 'upstream_error',
  },
  'an error instead of a stream': {
    bytes: lines('{"error":"model runner has unexpectedly stopped"}'),
    code: 'upstream_error',
  },
  'a request that is too long': {
    bytes: lines('{"error":"the input length exceeds the context length"}'),
    code: 'context_length_exceeded',
  },
  cut: { bytes: lines(begun), code: 'upstream_disconnected' },
  'cut within a line': {
    bytes: lines(begun, begun).subarray(0, -9),
    code: 'upstream_disconnected',
  },
  empty: { bytes: new Uint8Array(), code: 'upstream_disconnected' },
  HTML: { bytes: lines('<html>', '</html>'), code: 'upstream_invalid_response' },
  'broken JSON': { bytes: lines(begun, '{"message":'), code: 'upstream_invalid_response' },
  'bad UTF-8': {
    bytes: Uint8Array.from([...lines(begun), 0x22, 0xff, 0x22, 0x0a]),
    code: 'upstream_invalid_response',
  },
  'other JSON': { bytes: lines('{"status":"pulling manifest"}'), code: 'upstream_invalid_response' },
}
