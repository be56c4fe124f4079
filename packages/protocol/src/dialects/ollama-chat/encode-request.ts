import type { CodecContext } from '../../dialect.ts'
import type { ChatRequest, ReasoningOptions, ResponseFormat } from '../../ir/chat.ts'
import { encodeMessages } from './encode-message.ts'
import { optionFields } from './option-fields.ts'
import { encodeTools } from './tool.ts'
import { drop, formOf, inner, isString, kept, type WireObject } from './wire.ts'

/** Writes the body of `POST /api/chat`; whether it streams is always said, since silence means yes. */
export function encodeRequest(request: ChatRequest, context: CodecContext): WireObject {
  const form = formOf(request.extensions)
  const { options: optionsRest, ...rest } = kept(request.extensions, context, '') ?? {}
  const wire: Record<string, unknown> = { model: request.model, ...rest }
  if (request.messages.length > 0 || form?.['messages'] === undefined)
    wire['messages'] = encodeMessages(request.messages, context)
  else if (form['messages'] === 'null') wire['messages'] = null

  const tools = encodeTools(request, context)
  if (tools !== undefined && (tools.length > 0 || form !== undefined)) wire['tools'] = tools
  const options = encodeOptions(request, form, inner({ options: optionsRest }, 'options'))
  if (options !== undefined) wire['options'] = options
  const format = encodeFormat(request.responseFormat, form, context)
  if (format !== undefined) wire['format'] = format
  const think = encodeThink(request.reasoning, form, context)
  if (think !== undefined) wire['think'] = think
  if (typeof request.logprobs === 'boolean') wire['logprobs'] = request.logprobs
  if (typeof request.topLogprobs === 'number') wire['top_logprobs'] = request.topLogprobs
  const stream = request.stream === true
  const unsaid = stream ? form?.['stream'] : undefined
  if (unsaid !== 'absent') wire['stream'] = unsaid === 'null' ? null : stream
  dropUnsaid(request, context)
  return wire
}

function encodeOptions(
  request: ChatRequest,
  form: WireObject | undefined,
  rest: WireObject | undefined,
): WireObject | undefined {
  const options: Record<string, unknown> = { ...rest }
  for (const [name, neutral] of optionFields) {
    const value = request[neutral]
    if (value === undefined || value === null) continue
    // Ollama takes a list; a single text is what some clients write.
    options[name] = neutral === 'stop' && form === undefined && isString(value) ? [value] : value
  }
  return Object.keys(options).length > 0 || form?.['options'] === true ? options : undefined
}

function encodeFormat(
  format: ResponseFormat | undefined,
  form: WireObject | undefined,
  context: CodecContext,
): unknown {
  if (format === undefined) return form?.['format']
  kept(format.extensions, context, 'response_format')
  switch (format.type) {
    case 'json':
      return 'json'
    case 'json-schema': {
      if (format.description !== undefined) {
        drop(context, 'response_format.description', 'The description of a schema has no place in this dialect')
      }
      return format.schema ?? 'json'
    }
    default:
      return undefined
  }
}

/** Ollama's words for the others'. https://docs.ollama.com/capabilities/thinking */
const efforts: Readonly<Record<string, boolean | string>> = {
  none: false,
  minimal: 'low',
  xhigh: 'max',
  ultra: 'max',
}

function encodeThink(
  reasoning: ReasoningOptions | undefined,
  form: WireObject | undefined,
  context: CodecContext,
): boolean | string | undefined {
  if (reasoning === undefined) return undefined
  kept(reasoning.extensions, context, 'reasoning')
  const { effort, maxTokens } = reasoning
  if (isString(effort)) {
    if (form?.['think'] === true && effort === 'medium') return true
    const think = Object.hasOwn(efforts, effort) ? efforts[effort]! : effort
    if (think !== false && think !== effort) changed(context, `The reasoning effort '${effort}'`, think)
    return think
  }
  if (maxTokens === undefined) return undefined
  const think = maxTokens <= 1024 ? 'low' : maxTokens <= 2048 ? 'medium' : 'high'
  changed(context, `A reasoning budget of ${maxTokens} tokens`, think)
  return think
}

function changed(context: CodecContext, what: string, think: boolean | string): void {
  context.warn({ code: 'value-changed', path: 'reasoning', message: `${what} is sent as \`think: "${think}"\`.` })
}

/** What has no counterpart here and was asked for. */
function dropUnsaid(request: ChatRequest, context: CodecContext): void {
  const { user, metadata, logitBias, verbosity, audio, serviceTier, choiceCount, store, parallelToolCalls } = request
  const asked = { user, metadata, logit_bias: logitBias, verbosity, audio }
  for (const [name, value] of Object.entries(asked)) {
    if (value !== undefined && value !== null) drop(context, name, `'${name}' has no counterpart in this dialect`)
  }
  if (isString(serviceTier) && serviceTier !== 'auto' && serviceTier !== 'default') {
    drop(context, 'service_tier', "'service_tier' has no counterpart in this dialect")
  }
  if (typeof choiceCount === 'number' && choiceCount > 1)
    drop(context, 'n', 'The wish for more than one answer has no counterpart in this dialect')
  if (store === true) drop(context, 'store', "'store' has no counterpart in this dialect")
  if (parallelToolCalls === false) {
    drop(context, 'parallel_tool_calls', 'The wish for one tool call at a time has no counterpart in this dialect')
  }
}
