import type { FailedStream } from '../../../contracts/chat-fixtures.ts'
import { citation, toolCitation } from './results.ts'

type Wire = Readonly<Record<string, unknown>> & { readonly type: string }

const start = (id: string): Wire => ({
  id,
  type: 'message-start',
  delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
})
const content = (kind: 'start' | 'delta', index: number, wire: object, members: object = {}): Wire => ({
  type: `content-${kind}`,
  index,
  delta: { message: { content: wire } },
  ...members,
})
const contentEnd = (index: number): Wire => ({ type: 'content-end', index })
const plan = (text: string): Wire => ({ type: 'tool-plan-delta', delta: { message: { tool_plan: text } } })
const callStart = (index: number, id: string, name: string, input = ''): Wire => ({
  type: 'tool-call-start',
  index,
  delta: { message: { tool_calls: { id, type: 'function', function: { name, arguments: input } } } },
})
const callDelta = (index: number, input: string): Wire => ({
  type: 'tool-call-delta',
  index,
  delta: { message: { tool_calls: { function: { arguments: input } } } },
})
const callEnd = (index: number): Wire => ({ type: 'tool-call-end', index })
const cite = (index: number, citations: object): readonly Wire[] => [
  { type: 'citation-start', index, delta: { message: { citations } } },
  { type: 'citation-end', index },
]
const counts = { billed_units: { input_tokens: 8, output_tokens: 5 }, tokens: { input_tokens: 501, output_tokens: 5 } }
const end = (finish_reason: string, usage: object | undefined = counts): Wire => ({
  type: 'message-end',
  delta: { finish_reason, ...(usage && { usage }) },
})

interface Writing {
  readonly lineEnd?: string
  readonly named?: boolean
  readonly done?: boolean
}

function events(wires: readonly Wire[], { lineEnd = '\n', named = true, done = true }: Writing = {}): Uint8Array {
  const text = wires
    .map((wire) => `${named ? `event: ${wire.type}\n` : ''}data: ${JSON.stringify(wire)}\n\n`)
    .concat(done ? ['data: [DONE]\n\n'] : [])
    .join('')
  return new TextEncoder().encode(text.replaceAll('\n', lineEnd))
}

const text = [
  start('c14c80c3-18eb-4519-9460-6c92edd8cfb4'),
  content('start', 0, { type: 'text', text: '' }),
  content('delta', 0, { text: 'Sunny' }),
  content('delta', 0, { text: ' — 20 °C 👋🏽' }),
  content('delta', 0, { text: '.' }),
  contentEnd(0),
]

/** Those with the name of a result say the same. */
export const streams: Readonly<Record<string, Uint8Array>> = {
  text: events([...text, end('COMPLETE', { ...counts, cached_tokens: 400 })], { lineEnd: '\r\n' }),
  'without names and end marker': events([...text, end('COMPLETE')], { named: false, done: false }),
  'parallel calls': events([
    start('r-2'),
    plan('I will look '),
    plan('in Oslo and Rome.'),
    callStart(0, 'get_weather_abc', 'get_weather'),
    callDelta(0, '{"city"'),
    callDelta(0, ':"Oslo"}'),
    callEnd(0),
    callStart(1, 'get_weather_def', 'get_weather', '{"city":'),
    callDelta(1, '"Rome"}'),
    callEnd(1),
    end('TOOL_CALL'),
  ]),
  'a call without arguments, after text': events([
    start('r-9'),
    content('start', 0, { type: 'text', text: '' }),
    content('delta', 0, { text: 'Wait.' }),
    contentEnd(0),
    callStart(0, 'now_abc', 'now'),
    callEnd(0),
    end('TOOL_CALL'),
  ]),
  'thinking and citations': events([
    start('r-3'),
    { type: 'debug', prompt: '<prompt>' },
    content('start', 0, { type: 'thinking', thinking: '' }),
    content('delta', 0, { thinking: 'Let me ' }),
    content('delta', 0, { thinking: 'see.' }),
    contentEnd(0),
    content('start', 1, { type: 'text' }),
    content('delta', 1, { text: 'It is ' }),
    ...cite(0, toolCitation),
    content('delta', 1, { text: 'sunny.' }),
    contentEnd(1),
    ...cite(1, citation),
    end('COMPLETE'),
  ]),
  'the length limit, with log probabilities': events([
    start('r-4'),
    content('start', 0, { type: 'text', text: '' }),
    content('delta', 0, { text: 'It' }, { logprobs: { text: 'It', token_ids: [5], logprobs: [-0.25] } }),
    content('delta', 0, { text: ' is' }, { logprobs: { text: ' is', token_ids: [6, 7], logprobs: [-0.5, -0.25] } }),
    contentEnd(0),
    end('MAX_TOKENS'),
  ]),
  'nothing said': events([start('r-6'), end('ERROR', undefined)]),
}

const raw = (body: string): Uint8Array => new TextEncoder().encode(body)

export const failures: Readonly<Record<string, FailedStream>> = {
  'an error at the end': {
    bytes: events([...text, { type: 'message-end', delta: { finish_reason: 'ERROR', error: 'model crashed' } }]),
    code: 'upstream_error',
  },
  'a time limit': {
    bytes: events([...text, { type: 'message-end', delta: { finish_reason: 'TIMEOUT', error: 'too slow' } }]),
    code: 'upstream_timeout',
  },
  'an error before the start': {
    bytes: raw('data: {"message":"too many tokens: the prompt cannot exceed 128000","id":"e-1"}\n\n'),
    code: 'context_length_exceeded',
  },
  'an error event': {
    bytes: raw(`event: error\ndata: {"message":"The engine is overloaded","code":"overloaded"}\n\n`),
    code: 'upstream_overloaded',
  },
  'a JSON body': { bytes: raw('{"message":"invalid api token","id":"e-2"}'), code: 'upstream_error' },
  html: { bytes: raw('<html><body>Bad gateway</body></html>'), code: 'upstream_invalid_response' },
  'broken JSON': {
    bytes: raw('event: message-start\ndata: {"type":\n\ndata: x\n\n'),
    code: 'upstream_invalid_response',
  },
  'no start': { bytes: events(text.slice(1)), code: 'upstream_invalid_response' },
  'cut before its end': { bytes: events(text, { done: false }), code: 'upstream_disconnected' },
  empty: { bytes: raw(''), code: 'upstream_disconnected' },
}
