import { noUsage } from '@sluice/protocol'
import type { Scripted } from '@sluice/simulator'
import type { ConfigInput } from 'sluice'
import type { ChatRequest, Outcome } from './front-door.ts'

/** One request, what the provider does with it, and how it must end by whichever door it comes. */
export interface Scenario {
  readonly title: string
  readonly config?: ConfigInput
  /** How the provider answers; what comes after is answered as usual. */
  readonly behaviours?: readonly Scripted[]
  readonly request?: Partial<ChatRequest>
  /** Default: both. */
  readonly only?: 'whole' | 'streamed'
  readonly outcome: Partial<Outcome>
  /** The model that the provider is asked for; `null` when it is not asked at all. Default `small`. */
  readonly upstreamModel?: string | null
  /** How often the provider is asked. Default 1, or 0. */
  readonly upstreamRequests?: number
}

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const tools = [{ type: 'function', function: { name: 'get_weather', parameters } }]
const rateLimited: Scripted = { fault: { kind: 'status', status: 429, retryAfterMs: 5 } }
const retrying = { providers: { lab: { max_retries: 2 } } }

export const scenarios: readonly Scenario[] = [
  {
    title: 'an answer with its usage',
    behaviours: [{ reply: { text: 'Grüße, 世界.', usage: { input: 12, output: 5, cachedInput: 8, reasoning: 2 } } }],
    outcome: {
      text: 'Grüße, 世界.',
      finishReason: 'stop',
      provider: 'lab',
      attempts: 1,
      usage: {
        ...noUsage,
        input: 4,
        cacheRead: 8,
        output: 3,
        reasoning: 2,
        reported: { input: 12, output: 5, total: 17 },
      },
    },
  },
  {
    title: 'an answer without usage',
    behaviours: [{ reply: { text: 'Ok.', usage: false } }],
    outcome: { text: 'Ok.', finishReason: 'stop', usage: undefined },
  },
  {
    title: 'an answer cut by its limit',
    behaviours: [{ reply: { text: 'And then', finishReason: 'length' } }],
    request: { max_completion_tokens: 2 },
    outcome: { text: 'And then', finishReason: 'length' },
  },
  { title: 'a refusal', behaviours: ['refusal'], outcome: { text: '', refusal: "I'm sorry, I can't help with that." } },
  {
    title: 'calls of tools',
    request: { tools },
    behaviours: [
      {
        reply: {
          toolCalls: [
            { id: 'call_a', name: 'get_weather', arguments: { city: 'Łódź "centre"' } },
            { id: 'call_b', name: 'get_weather', arguments: '{ }' },
          ],
        },
      },
    ],
    outcome: {
      text: '',
      finishReason: 'tool-calls',
      toolCalls: [
        { id: 'call_a', name: 'get_weather', input: '{"city":"Łódź \\"centre\\""}' },
        { id: 'call_b', name: 'get_weather', input: '{ }' },
      ],
    },
  },
  {
    title: 'an alias',
    config: { models: [{ id: 'lab/large', aliases: ['house'] }] },
    request: { model: 'house' },
    upstreamModel: 'large',
    outcome: { finishReason: 'stop', provider: 'lab' },
  },
  {
    title: 'a name with its provider',
    request: { model: 'lab:large' },
    upstreamModel: 'large',
    outcome: { finishReason: 'stop', provider: 'lab' },
  },
  {
    title: 'a name that is a path',
    request: { model: '../admin' },
    upstreamModel: null,
    outcome: { error: 'invalid_model_name' },
  },
  {
    title: 'a model that the provider does not know',
    request: { model: 'lab/nowhere' },
    upstreamModel: 'nowhere',
    outcome: { error: 'upstream_model_not_found' },
  },
  {
    title: 'a failure that passes',
    config: retrying,
    behaviours: [rateLimited, 'cut-before-head', { reply: { text: 'At last.' } }],
    upstreamRequests: 3,
    outcome: { text: 'At last.', attempts: 3 },
  },
  {
    title: 'a failure that does not pass',
    config: retrying,
    behaviours: [rateLimited, rateLimited, rateLimited],
    upstreamRequests: 3,
    outcome: { error: 'rate_limit_exceeded' },
  },
  { title: 'a request that is wrong', behaviours: ['bad-request'], outcome: { error: 'upstream_rejected' } },
  {
    title: 'a request that is too long, which is not repeated',
    config: retrying,
    behaviours: ['context-overflow'],
    outcome: { error: 'context_length_exceeded' },
  },
  {
    title: 'an empty account, which is not asked again',
    config: retrying,
    behaviours: ['quota-exceeded'],
    outcome: { error: 'insufficient_quota' },
  },
  { title: 'a wrong key', behaviours: ['unauthorized'], outcome: { error: 'upstream_authentication_failed' } },
  { title: 'a page instead of an answer', behaviours: ['html'], outcome: { error: 'upstream_invalid_response' } },
  { title: 'an error inside a 200', behaviours: ['error-inside'], outcome: { error: 'upstream_error' } },
  {
    title: 'a stream byte by byte',
    only: 'streamed',
    behaviours: [{ reply: { text: 'Grüße, 世界.' }, fault: { kind: 'split', size: 1 } }],
    outcome: { text: 'Grüße, 世界.', finishReason: 'stop' },
  },
  ...(['cut', 'reset', 'truncate'] as const).map((kind): Scenario => {
    return {
      title: `a stream that ends in its middle by ${kind}`,
      only: 'streamed',
      config: retrying,
      behaviours: [{ reply: { text: 'One two three four.' }, fault: { kind, at: { event: 3 } } }],
      outcome: { text: 'One two', error: 'upstream_disconnected' },
    }
  }),
  {
    title: 'a stream that fails in its middle',
    only: 'streamed',
    config: retrying,
    behaviours: [{ reply: { text: 'One two three four.' }, fault: { kind: 'error-inside', at: 3 } }],
    outcome: { text: 'One two', error: 'upstream_error' },
  },
]
