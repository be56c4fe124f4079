import type { CodecContext } from '../../dialect.ts'
import type { ChatChoice, ChatResult } from '../../ir/chat.ts'
import type { Usage } from '../../ir/usage.ts'
import type { WireObject } from '../../json/wire-object.ts'
import { encodeItems } from './encode-items.ts'
import { encodeStatus } from './status.ts'
import { encodeKeptUsage } from './usage.ts'
import { formOf, kept, recordOr } from './wire.ts'

/** Writes a `response` with the first choice; there is no place for others. */
export function encodeResult(result: ChatResult, context: CodecContext): WireObject {
  const { id, choices, usage, extensions } = result
  const [choice, ...others] = choices
  if (others.length > 0) warnOfChoices(context)
  if (choice !== undefined) {
    kept(choice.extensions, context, 'choices[0]')
    if (choice.logprobs?.refusal !== undefined && choice.logprobs.refusal.length > 0) {
      context.warn({
        code: 'field-dropped',
        path: 'logprobs.refusal',
        message: 'Log probabilities of a refusal have no place here.',
      })
    }
  }
  const form = formOf(extensions)
  const output = encodeItems(choice?.content ?? [], {
    context,
    path: 'output',
    id: idsFrom(id),
    logprobs: choice?.logprobs?.content ?? [],
  })
  const head = encodeHead(result, form, kept(extensions, context, ''))
  return { ...head, ...statusOf(choice), output, ...encodeUsageMember(usage, form) }
}

export function warnOfChoices(context: CodecContext): void {
  context.warn({
    code: 'unsupported',
    path: 'choices',
    message: 'This dialect gives one answer; further choices were left out.',
  })
}

/** Ids of items, made from the answer's: there is no chance here. */
export function idsFrom(id: string): (prefix: string, index: number) => string {
  const base = id.replace(/^[a-z]+[_-]/, '').replace(/[^A-Za-z0-9]/g, '')
  return (prefix, index) => `${prefix}${base}${index}`
}

/** What OpenAI says where nothing was asked for; an answer of another dialect's does not tell what was. */
const unknownEcho: WireObject = {
  background: false,
  error: null,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: { effort: null, summary: null },
  store: false,
  temperature: null,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_p: null,
  truncation: 'disabled',
  usage: null,
}

/** Of its request. */
const repeated = [
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'parallel_tool_calls',
  'previous_response_id',
  'prompt_cache_key',
  'reasoning',
  'safety_identifier',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
] as const

/** What an answer repeats of the request, with OpenAI's word for what was not said. */
export function echoOf(request: WireObject): WireObject {
  const said = repeated.filter((name) => request[name] !== undefined && request[name] !== null)
  return { ...unknownEcho, ...Object.fromEntries(said.map((name) => [name, request[name]])) }
}

interface Head {
  readonly id: string
  readonly model: string
  readonly created?: number
  readonly serviceTier?: string | null
}

/** @param form `undefined` for an answer of another dialect's. `created_at` is then 0 when no time is known: there is no clock here. */
export function encodeHead(
  { id, model, created, serviceTier }: Head,
  form: WireObject | undefined,
  rest: WireObject | undefined,
): WireObject {
  return {
    ...rest,
    id: form === undefined && !id.startsWith('resp_') ? `resp_${id}` : id,
    object: 'response',
    ...((created !== undefined || form === undefined) && { created_at: created ?? 0 }),
    model,
    ...(serviceTier !== undefined && { service_tier: serviceTier }),
    ...(form === undefined ? unknownEcho : recordOr(form['echo'], {})),
  }
}

function statusOf(choice: ChatChoice | undefined): WireObject {
  return encodeStatus(choice?.finishReason ?? null, formOf(choice?.extensions))
}

export function encodeUsageMember(usage: Usage | undefined, form: WireObject | undefined): WireObject {
  return usage === undefined ? {} : { usage: encodeKeptUsage(usage, recordOr(form?.['echo'], {})['usage']) }
}
