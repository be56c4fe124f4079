import type { Behaviour } from './behaviour.ts'

/** Behaviours with a name, for scripts, the command line and the `x-simulator` header. */
export const presets: Readonly<Record<PresetName, Behaviour>> = {
  usual: {},
  'bad-request': { fault: { kind: 'status', status: 400 } },
  unauthorized: { fault: { kind: 'status', status: 401 } },
  forbidden: { fault: { kind: 'status', status: 403 } },
  'context-overflow': {
    fault: {
      kind: 'status',
      status: 400,
      error: {
        message:
          "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens. " +
          'Please reduce the length of the messages.',
        type: 'invalid_request_error',
        param: 'messages',
        code: 'context_length_exceeded',
      },
    },
  },
  'rate-limited': { fault: { kind: 'status', status: 429, retryAfter: 1, retryAfterMs: 1000 } },
  'quota-exceeded': {
    fault: {
      kind: 'status',
      status: 429,
      error: {
        message: 'You exceeded your current quota, please check your plan and billing details.',
        type: 'insufficient_quota',
        code: 'insufficient_quota',
      },
    },
  },
  'server-error': { fault: { kind: 'status', status: 500 } },
  'bad-gateway': { fault: { kind: 'html', status: 502 } },
  overloaded: { fault: { kind: 'status', status: 503, retryAfter: 1 } },
  'error-inside': { fault: { kind: 'error-inside' } },
  'error-mid-stream': { fault: { kind: 'error-inside', at: 3 } },
  'truncate-mid-body': { fault: { kind: 'truncate', at: 300 } },
  'cut-before-head': { fault: { kind: 'cut', at: 'head' } },
  'cut-mid-body': { fault: { kind: 'cut', at: 300 } },
  'reset-before-head': { fault: { kind: 'reset', at: 'head' } },
  'reset-mid-body': { fault: { kind: 'reset', at: 300 } },
  'hang-before-head': { fault: { kind: 'hang', at: 'head' } },
  'hang-after-head': { fault: { kind: 'hang', at: 0 } },
  'hang-mid-stream': { fault: { kind: 'hang', at: { event: 3 } } },
  'close-idle': { fault: { kind: 'close-idle' } },
  'byte-by-byte': { fault: { kind: 'split', size: 1 } },
  'long-line': { fault: { kind: 'long-line', size: 1_000_000 } },
  'invalid-json': { fault: { kind: 'invalid-json' } },
  'wrong-content-type': { fault: { kind: 'content-type', value: 'text/plain' } },
  html: { fault: { kind: 'html' } },
  empty: { fault: { kind: 'empty' } },
  'keep-alive': { fault: { kind: 'keep-alive' } },
  crlf: { fault: { kind: 'line-ends', value: '\r\n' } },
  'missing-end': { fault: { kind: 'missing-end' } },
  'missing-usage': { fault: { kind: 'missing-usage' } },
  endless: { fault: { kind: 'endless' } },
  slow: { timing: { latency: 500, gap: 100 } },
  'slow-reading': { reading: { gap: 50 } },
  refusal: { reply: { refusal: "I'm sorry, I can't help with that." } },
  'content-filter': { reply: { text: 'I was going to', finishReason: 'content-filter' } },
  reasoning: { reply: { reasoning: 'Let me think about that.', text: 'Done thinking.' } },
}

export type PresetName =
  | 'usual'
  | 'bad-request'
  | 'unauthorized'
  | 'forbidden'
  | 'context-overflow'
  | 'rate-limited'
  | 'quota-exceeded'
  | 'server-error'
  | 'bad-gateway'
  | 'overloaded'
  | 'error-inside'
  | 'error-mid-stream'
  | 'truncate-mid-body'
  | 'cut-before-head'
  | 'cut-mid-body'
  | 'reset-before-head'
  | 'reset-mid-body'
  | 'hang-before-head'
  | 'hang-after-head'
  | 'hang-mid-stream'
  | 'close-idle'
  | 'byte-by-byte'
  | 'long-line'
  | 'invalid-json'
  | 'wrong-content-type'
  | 'html'
  | 'empty'
  | 'keep-alive'
  | 'crlf'
  | 'missing-end'
  | 'missing-usage'
  | 'endless'
  | 'slow'
  | 'slow-reading'
  | 'refusal'
  | 'content-filter'
  | 'reasoning'

export function isPreset(name: string): name is PresetName {
  return Object.hasOwn(presets, name)
}
