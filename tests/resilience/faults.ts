import type { ErrorCode } from '@sluice/protocol'
import type { Behaviour, Fault } from '@sluice/simulator'

/** How far an answer had come when it failed. */
export type Stage =
  /** The caller had heard nothing of it. */
  | 'before'
  /** In a stream of which the caller had heard something. */
  | 'amid'
  /** Nothing was missing of it. */
  | 'never'

/** One thing that goes wrong at a provider, and what follows from it. */
export interface FaultRule {
  /** For people: a row of the table. */
  readonly name: string
  /** What the provider does; `refuse`: nobody listens at its address. */
  readonly fault: Fault | readonly Fault[] | 'refuse'
  readonly headers?: Readonly<Record<string, string>>
  readonly reply?: Behaviour['reply']
  /** The kinds of answers in which it can happen; default both. */
  readonly only?: 'streaming' | 'whole'
  /** Embeddings cannot meet it. */
  readonly chatOnly?: true
  /** The caller leaves after a while. */
  readonly leaves?: true
  /** It shows by the time that passes. */
  readonly silent?: true
  /** `undefined`: depends on how much of the stream came before it, see `after`. */
  readonly stage: Stage | undefined
  /** Events of the stream that come first, where those decide the stage. */
  readonly after?: number
  /** What the caller is told, where nobody else is asked; absent where nothing is wrong. */
  readonly code?: ErrorCode
  /** Where it is another than the code's own. */
  readonly status?: number
  /** OpenAI's word, where callers of its dialects hear that. */
  readonly openaiCode?: string
  /** Our code instead of `code` where no stream is translated, and it ends before anything is said. */
  readonly unsaidCode?: ErrorCode
  /** An event that nobody can read: it is relayed as it is to those who speak the provider's dialect. */
  readonly garbled?: true
  /** Milliseconds after which the caller is told to come again, where it is. */
  readonly retryAfter?: number
  /** The same target is asked again. */
  readonly again?: true
  /** The kind of failure for which a route may name others. */
  readonly fallback?: 'context_window' | 'content_policy' | 'empty_answer'
  /** Another target of a route is asked. */
  readonly elsewhere?: true
}

const passing = { stage: 'before', again: true, elsewhere: true } as const
const lasting = { stage: 'before', elsewhere: true } as const
const callersOwn = { stage: 'before' } as const

const status = (code: number, error?: object): Fault => ({
  kind: 'status',
  status: code,
  ...(error !== undefined && { error }),
})

/** Says neither in words nor in details when to come again, as some providers' do. */
const slowDown: Fault = { kind: 'status', status: 429, body: { error: { message: 'Slow down.' } } }

/** In the members where one or the other dialect has its word. */
const filtered = { error: { message: 'Filtered.', code: 'content_filter', status: 'CONTENT_FILTER' } }

const tooLong = { message: "This model's maximum context length is 8192 tokens.", code: 'context_length_exceeded' }

export const faults: readonly FaultRule[] = [
  { name: 'connection refused', fault: 'refuse', ...passing, code: 'upstream_unreachable' },
  { name: '400', fault: status(400), ...callersOwn, code: 'upstream_rejected' },
  {
    name: '400 context length',
    fault: status(400, tooLong),
    ...callersOwn,
    code: 'context_length_exceeded',
    fallback: 'context_window',
  },
  {
    name: '400 content filter',
    fault: { kind: 'status', status: 400, body: filtered },
    ...callersOwn,
    code: 'content_filter',
    fallback: 'content_policy',
  },
  { name: '401', fault: status(401), ...lasting, code: 'upstream_authentication_failed' },
  { name: '402', fault: status(402), ...lasting, code: 'insufficient_quota' },
  { name: '403', fault: status(403), ...lasting, code: 'upstream_permission_denied' },
  {
    name: '404 model',
    fault: status(404, { message: 'The model `x` does not exist.' }),
    ...lasting,
    code: 'upstream_model_not_found',
    openaiCode: 'model_not_found',
  },
  { name: '408', fault: status(408), ...lasting, code: 'upstream_timeout' },
  { name: '409', fault: status(409), stage: 'before', again: true, code: 'upstream_conflict' },
  {
    name: '413',
    fault: status(413),
    ...callersOwn,
    code: 'upstream_rejected',
    status: 413,
    openaiCode: 'request_too_large',
  },
  {
    name: '413 context length',
    fault: status(413, tooLong),
    ...callersOwn,
    code: 'context_length_exceeded',
    fallback: 'context_window',
  },
  {
    name: '429 `retry-after` in seconds',
    fault: slowDown,
    headers: { 'retry-after': '0.05' },
    ...passing,
    code: 'rate_limit_exceeded',
    retryAfter: 50,
  },
  {
    name: '429 `retry-after` as a date',
    fault: slowDown,
    headers: { date: 'Sat, 21 Nov 2026 10:00:00 GMT', 'retry-after': 'Sat, 21 Nov 2026 10:00:01 GMT' },
    ...passing,
    code: 'rate_limit_exceeded',
    retryAfter: 1_000,
  },
  {
    name: '429 `retry-after-ms`',
    fault: slowDown,
    headers: { 'retry-after-ms': '50', 'retry-after': '90' },
    ...passing,
    code: 'rate_limit_exceeded',
    retryAfter: 50,
  },
  {
    name: '429 `x-ratelimit-reset-requests`',
    fault: slowDown,
    headers: { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '50ms' },
    ...passing,
    code: 'rate_limit_exceeded',
    retryAfter: 50,
  },
  {
    name: '429 `anthropic-ratelimit-requests-reset`',
    fault: slowDown,
    headers: {
      date: 'Sat, 21 Nov 2026 10:00:00 GMT',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2026-11-21T10:00:01Z',
    },
    ...passing,
    code: 'rate_limit_exceeded',
    retryAfter: 1_000,
  },
  { name: '429 without a time', fault: slowDown, ...passing, code: 'rate_limit_exceeded' },
  {
    name: '429 for more than a minute',
    fault: slowDown,
    headers: { 'retry-after': '90' },
    ...lasting,
    code: 'rate_limit_exceeded',
    retryAfter: 90_000,
  },
  { name: '500', fault: status(500), ...passing, code: 'upstream_error' },
  { name: '502, a page', fault: { kind: 'html', status: 502 }, ...passing, code: 'upstream_error' },
  { name: '503', fault: status(503), ...passing, code: 'upstream_overloaded' },
  { name: '504', fault: status(504), ...lasting, code: 'upstream_timeout' },
  { name: '529', fault: status(529), ...passing, code: 'upstream_overloaded' },
  {
    name: 'silence before the head',
    fault: { kind: 'hang', at: 'head' },
    silent: true,
    ...lasting,
    code: 'upstream_timeout',
  },
  {
    name: 'silence after the head',
    fault: { kind: 'hang', at: 0 },
    silent: true,
    ...lasting,
    code: 'upstream_timeout',
  },
  { name: 'cut before the head', fault: { kind: 'cut', at: 'head' }, ...passing, code: 'upstream_disconnected' },
  { name: 'reset before the head', fault: { kind: 'reset', at: 'head' }, ...passing, code: 'upstream_disconnected' },
  { name: 'cut after the head', fault: { kind: 'cut', at: 0 }, ...passing, code: 'upstream_disconnected' },
  {
    name: 'cut in the body',
    fault: { kind: 'cut', at: 40 },
    only: 'whole',
    ...passing,
    code: 'upstream_disconnected',
  },
  { name: 'an error in a 200', fault: { kind: 'error-inside' }, ...passing, code: 'upstream_error' },
  {
    name: 'a 200 without a body',
    fault: { kind: 'empty' },
    ...passing,
    code: 'upstream_disconnected',
    unsaidCode: 'upstream_invalid_response',
  },
  { name: 'a page in a 200', fault: { kind: 'html' }, ...passing, code: 'upstream_invalid_response' },
  {
    name: 'broken JSON',
    fault: { kind: 'invalid-json' },
    only: 'whole',
    ...passing,
    code: 'upstream_invalid_response',
  },
  {
    name: 'an answer of no words',
    fault: [],
    reply: { text: '' },
    chatOnly: true,
    fallback: 'empty_answer',
    stage: 'never',
  },
  {
    name: 'an answer cut short by a content filter',
    fault: [],
    reply: { text: 'I was', finishReason: 'content-filter' },
    chatOnly: true,
    stage: 'never',
  },
  {
    name: 'an endless stream, whose caller leaves',
    fault: { kind: 'endless' },
    only: 'streaming',
    leaves: true,
    stage: 'amid',
    code: 'client_closed_request',
  },
]

/** In a stream, after so many of its events. */
export function faultsAfter(events: number): readonly FaultRule[] {
  const at = { event: events } as const
  const amid = { only: 'streaming', stage: undefined, after: events, again: true, elsewhere: true } as const
  return [
    { ...amid, name: 'cut', fault: { kind: 'cut', at }, code: 'upstream_disconnected' },
    {
      ...amid,
      name: 'an end that comes too early',
      fault: { kind: 'truncate', at },
      code: 'upstream_disconnected',
      unsaidCode: 'upstream_invalid_response',
    },
    { ...amid, name: 'an error event', fault: { kind: 'error-inside', at: events }, code: 'upstream_error' },
    {
      ...amid,
      name: 'a garbled event',
      fault: { kind: 'invalid-json', at: events },
      garbled: true,
      code: 'upstream_invalid_response',
    },
  ]
}

/** Waits for the time limit: one point of each kind is enough. */
export function silenceAfter(events: number): FaultRule {
  return {
    only: 'streaming',
    stage: undefined,
    after: events,
    elsewhere: true,
    silent: true,
    name: 'silence',
    fault: { kind: 'hang', at: { event: events } },
    code: 'upstream_timeout',
  }
}
