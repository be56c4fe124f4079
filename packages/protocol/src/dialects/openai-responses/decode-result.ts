import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatChoice, ChatResult, ContentPart, TokenLogprob } from '../../ir/chat.ts'
import { decodeError } from '../openai-chat/decode-error.ts'
import { findError } from '../../errors/find-error.ts'
import {
  isArray,
  isNumber,
  isRecord,
  isString,
  type Mutable,
  WireFields,
  type WireObject,
} from '../../json/wire-object.ts'
import { decodeItem } from './decode-item.ts'
import { decodeStatus, exactReason } from './status.ts'
import { decodeUsage } from './usage.ts'
import { keep, pick } from './wire.ts'

/**
 * Reads a `response`. Throws the provider's error when it failed, and `upstream_invalid_response` when it is no
 * answer at all.
 */
export function decodeResult(wire: unknown): ChatResult {
  if (!isRecord(wire) || !isArray(wire['output'])) {
    throw isRecord(wire) && findError(wire) !== undefined ? readError(wire) : notAnAnswer()
  }
  if (wire['status'] === 'failed') throw failureOf(wire)
  const logprobs: TokenLogprob[] = []
  const content: ContentPart[] = wire['output'].filter(isRecord).flatMap((item) => decodeItem(item, logprobs))
  const choice = finishChoice(
    { index: 0, content, finishReason: null, ...(logprobs.length > 0 && { logprobs: { content: logprobs } }) },
    wire,
  )
  const { rest, ...head } = decodeHead(wire)
  const usage = decodeUsage(wire['usage'])
  return { ...head, choices: [choice], ...(usage !== undefined && { usage }), ...keep(rest, formOfResponse(wire)) }
}

/** What a response repeats of its request, or says of its making: of no use to other dialects. */
const echoed = [
  'background',
  'billing',
  'completed_at',
  'content_filters',
  'conversation',
  'error',
  'frequency_penalty',
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'output_text',
  'parallel_tool_calls',
  'presence_penalty',
  'previous_response_id',
  'prompt',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'reasoning',
  'safety_identifier',
  'store',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
  'usage',
] as const

export interface ResponseHead {
  readonly id: string
  readonly model: string
  readonly created?: number
  readonly serviceTier?: string | null
  /** Members that nothing here knows. */
  readonly rest: WireObject | undefined
}

/** What a response says of itself, apart from its output and its end. */
export function decodeHead(wire: WireObject): ResponseHead {
  const fields = new WireFields(wire)
  for (const name of ['output', 'status', 'incomplete_details', ...echoed]) fields.skip(name)
  fields.takeExact('object', 'response')
  const id = fields.take('id', isString) ?? ''
  const model = fields.take('model', isString) ?? ''
  const created = fields.take('created_at', isNumber)
  const tier = fields.take('service_tier', isTier)
  return {
    id,
    model,
    ...(created !== undefined && { created }),
    ...(tier !== undefined && { serviceTier: tier }),
    rest: fields.rest(),
  }
}

const isTier = (value: unknown): value is string | null => value === null || isString(value)

export function formOfResponse(wire: WireObject): WireObject {
  return { echo: pick(wire, echoed) }
}

/** The choice with why it ended. */
function finishChoice(choice: Mutable<ChatChoice>, wire: WireObject): ChatChoice {
  const { status, incomplete_details: incomplete } = wire
  choice.finishReason = decodeStatus(status, incomplete, hasCalls(choice.content))
  const word = exactReason(status, incomplete)
  if (word !== undefined) choice.providerFinishReason = word
  return Object.assign(choice, keep(undefined, pick(wire, ['status', 'incomplete_details'])))
}

function hasCalls(content: readonly ContentPart[]): boolean {
  return content.some((part) => part.type === 'tool-call')
}

/** The error of a response that failed. */
export function failureOf(wire: WireObject): SluiceError {
  return readError({ error: wire['error'] ?? {} })
}

export function readError(body: unknown): SluiceError {
  return decodeError({ status: 200, header: () => undefined, body })
}

function notAnAnswer(): SluiceError {
  return new SluiceError('upstream_invalid_response', 'The provider answered with JSON that is no response.')
}
