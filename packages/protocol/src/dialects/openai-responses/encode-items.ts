import type { CodecContext } from '../../dialect.ts'
import type { ContentPart, ReasoningPart, RefusalPart, TextPart, TokenLogprob, ToolCallPart } from '../../ir/chat.ts'
import { isArray, isNumber, isRecord, type WireObject } from '../../json/wire-object.ts'
import { encodeAnnotation } from './annotation.ts'
import { dropPart } from './content-part.ts'
import { encodeEncrypted, reasoningText } from './decode-item.ts'
import { encodeLogprobs } from './logprobs.ts'
import { formOf, kept, recordOr, splitExtra, wasAbsent } from './wire.ts'

export interface ItemsOptions {
  readonly context: CodecContext
  readonly path: string
  /** Names the items of an answer; absent in a request, whose items need no ids. */
  readonly id?: (prefix: string, index: number) => string
  /** Of an answer's texts, in order. */
  readonly logprobs?: readonly TokenLogprob[]
}

/** Writes a model's turn as items: texts and refusals that belong together in one message, every other part alone. */
export function encodeItems(parts: readonly ContentPart[], options: ItemsOptions): WireObject[] {
  const { context, path } = options
  const items: Record<string, unknown>[] = []
  let message: { readonly content: WireObject[] } | undefined
  let tokensWritten = 0
  for (const [index, part] of parts.entries()) {
    const at = `${path}[${index}]`
    const form = formOf(part.extensions)
    const inMessage = part.type === 'text' || part.type === 'refusal' || (part.type === 'other' && hasPlace(form))
    if (inMessage) {
      if (form?.['string'] === true && part.type === 'text') {
        items.push({ ...recordOr(form['item'], {}), content: part.text })
        message = undefined
        continue
      }
      if (message === undefined || form?.['item'] !== undefined) {
        message = { content: [] }
        items.push(openMessage(form, items.length, options, message.content))
      }
      if (part.type === 'text') {
        const tokens = takeTokens(options.logprobs, tokensWritten, form)
        tokensWritten += tokens?.length ?? 0
        message.content.push(encodeText(part, tokens, context, at))
      } else if (part.type === 'refusal') message.content.push(encodeRefusal(part, context, at))
      else message.content.push(kept(part.extensions, context, at) ?? {})
      continue
    }
    message = undefined
    if (part.type === 'reasoning') {
      if (form?.['sameItem'] === true && items.length > 0) Object.assign(items.at(-1)!, reasoningMembers(part))
      else pushDefined(items, encodeReasoning(part, items.length, options, at))
    } else if (part.type === 'tool-call') items.push(encodeCall(part, items.length, options, at))
    else if (part.type === 'other')
      pushDefined(items, kept(part.extensions, context, at) ?? dropPart(context, at, 'This part'))
    else dropPart(context, at, `An ${part.type} part of the model's`)
  }
  return items
}

function pushDefined(items: WireObject[], item: WireObject | undefined): void {
  if (item !== undefined) items.push(item)
}

/** Whether the part stood in a message's content. */
export function hasPlace(form: WireObject | undefined): boolean {
  return form?.['item'] !== undefined || form?.['sameItem'] === true
}

function openMessage(
  form: WireObject | undefined,
  index: number,
  { id }: ItemsOptions,
  content: WireObject[],
): Record<string, unknown> {
  if (isRecord(form?.['item'])) return { ...form['item'], content }
  if (id === undefined) return { type: 'message', role: 'assistant', content }
  return { type: 'message', id: id('msg_', index), status: 'completed', role: 'assistant', content }
}

/** Those of this text; without a note all go to the first. */
function takeTokens(
  logprobs: readonly TokenLogprob[] | undefined,
  written: number,
  form: WireObject | undefined,
): readonly TokenLogprob[] | undefined {
  const count = form?.['tokens']
  return logprobs?.slice(written, isNumber(count) ? written + count : undefined)
}

/** @param tokens `undefined` in a request. */
export function encodeText(
  part: TextPart,
  tokens: readonly TokenLogprob[] | undefined,
  context: CodecContext,
  path: string,
): WireObject {
  const form = formOf(part.extensions)
  const annotations = (part.annotations ?? [])
    .map((annotation) => encodeAnnotation(annotation, context, `${path}.annotations`))
    .filter((annotation) => annotation !== undefined)
  const logprobs = tokens === undefined ? form?.['logprobs'] : encodeLogprobs(tokens)
  const hasLogprobs = tokens !== undefined && tokens.length > 0 ? true : !wasAbsent(form, 'logprobs')
  return {
    type: form?.['type'] ?? 'output_text',
    ...kept(part.extensions, context, path),
    text: part.text,
    ...((annotations.length > 0 || !wasAbsent(form, 'annotations')) && { annotations }),
    ...(logprobs !== undefined && hasLogprobs && { logprobs }),
  }
}

export function encodeRefusal(part: RefusalPart, context: CodecContext, path: string): WireObject {
  return { type: 'refusal', ...kept(part.extensions, context, path), refusal: part.text }
}

function encodeReasoning(
  part: ReasoningPart,
  index: number,
  { id, context }: ItemsOptions,
  path: string,
): WireObject | undefined {
  const form = formOf(part.extensions)
  kept(part.extensions, context, path)
  if (isRecord(form?.['item'])) return { ...form['item'], ...reasoningMembers(part) }
  // Of another provider's reasoning only what is encrypted could be understood.
  if (id === undefined && part.encrypted === undefined) return dropPart(context, path, 'Reasoning of another provider')
  return {
    type: 'reasoning',
    ...(id !== undefined && { id: id('rs_', index) }),
    summary: [],
    ...reasoningMembers(part),
  }
}

function reasoningMembers(part: ReasoningPart): Record<string, unknown> {
  const form = formOf(part.extensions)
  const encrypted = encodeEncrypted(part)
  const kind = form?.['kind'] === 'content' ? 'content' : 'summary'
  const says = part.text !== '' || (form !== undefined && form['written'] !== undefined)
  return {
    ...(says && { [kind]: reasoningPieces(part.text, kind, form?.['written']) }),
    ...(encrypted !== undefined && { encrypted_content: encrypted }),
  }
}

/** As it was written, where that still says the same. */
function reasoningPieces(text: string, kind: 'summary' | 'content', written: unknown): unknown {
  if (isArray(written) && reasoningText(written) === text) return written
  return [{ type: kind === 'summary' ? 'summary_text' : 'reasoning_text', text }]
}

function encodeCall(part: ToolCallPart, index: number, { id, context }: ItemsOptions, path: string): WireObject {
  const form = formOf(part.extensions)
  const custom = part.kind === 'custom'
  // A provider of another's calls would refuse what it does not know; whoever asked hands it back as it is.
  const { extra, extensions } =
    id === undefined && form === undefined ? { extensions: part.extensions } : splitExtra(part.extensions)
  const own = id === undefined ? {} : { id: id(custom ? 'ctc_' : 'fc_', index), status: 'completed' }
  return {
    type: custom ? 'custom_tool_call' : 'function_call',
    ...recordOr(form?.['item'], own),
    ...kept(extensions, context, path),
    ...extra,
    call_id: part.id,
    name: part.name,
    ...(part.namespace !== undefined && { namespace: part.namespace }),
    [custom ? 'input' : 'arguments']: part.input,
  }
}
