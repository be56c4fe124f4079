import type { CodecContext } from '../../dialect.ts'
import type { ToolCallPart } from '../../ir/chat.ts'
import type { Extensions } from '../../ir/extensions.ts'
import { parseJson } from '../../json/parse-json.ts'
import {
  formOf,
  inner,
  isFilled,
  isRecord,
  isString,
  keep,
  kept,
  nest,
  type WireFields,
  type WireObject,
} from './wire.ts'

/**
 * Where Google's OpenAI-compatible API carries a call's thought signature: `extra_content.google.thought_signature`.
 * The neutral form keeps it there too, so that callers of that dialect see it and send it back.
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
const signatureHome = 'openai-chat'

/** What Google takes for the signature of a call that another model made. */
export const foreignSignature = 'skip_thought_signature_validator'

/** Reads `functionCall: {id?, name, args?}`; `fallbackId` where the model gave none. */
export function decodeFunctionCall(
  fields: WireFields,
  details: WireFields,
  fallbackId: string,
): ToolCallPart | undefined {
  const args = details.take('args', isRecord)
  const name = details.take('name', isString)
  if (name === undefined || (args === undefined && 'args' in details.wire)) return undefined
  const id = details.take('id', isFilled)
  const signature = fields.take('thoughtSignature', isFilled)
  const { extensions } = keep(nest(fields.rest(), 'functionCall', details.rest()), {
    id: id !== undefined,
    args: args !== undefined,
  })
  return {
    type: 'tool-call',
    kind: 'function',
    id: id ?? fallbackId,
    name,
    input: args === undefined ? '{}' : JSON.stringify(args),
    extensions: { ...extensions, ...(signature !== undefined && carry(signature)) },
  }
}

function carry(signature: string): Extensions {
  return { [signatureHome]: { extra_content: { google: { thought_signature: signature } } } }
}

export function signatureOf(part: ToolCallPart): string | undefined {
  const google = inner(inner(part.extensions?.[signatureHome], 'extra_content'), 'google')
  const signature = google?.['thought_signature']
  return isFilled(signature) ? signature : undefined
}

/** Whether this wire, and so one of Google's models, made the call. */
export function isOwnCall(part: ToolCallPart): boolean {
  return formOf(part.extensions) !== undefined
}

export function encodeFunctionCall(part: ToolCallPart, context: CodecContext, path: string): WireObject {
  const signature = signatureOf(part)
  const form = formOf(part.extensions)
  const rest = kept(signature === undefined ? part.extensions : withoutHome(part.extensions), context, path)
  const args = form?.['args'] === false && part.input === '{}' ? undefined : readArguments(part, context, path)
  return {
    ...rest,
    functionCall: {
      ...inner(rest, 'functionCall'),
      ...(form?.['id'] === false ? undefined : { id: part.id }),
      name: part.name,
      ...(args !== undefined && { args }),
    },
    ...(signature !== undefined && { thoughtSignature: signature }),
  }
}

/** The other members of `extra_content` are other providers'. */
function withoutHome(extensions: Extensions | undefined): Extensions | undefined {
  if (extensions === undefined) return undefined
  const { [signatureHome]: home, ...others } = extensions
  const { extra_content: _, ...members } = home ?? {}
  return Object.keys(members).length === 0 ? others : { ...others, [signatureHome]: members }
}

/** Gemini's arguments are an object. */
function readArguments(part: ToolCallPart, context: CodecContext, path: string): WireObject {
  if (part.kind === 'function') {
    const args = part.input.trim() === '' ? {} : parseJson(part.input)
    if (isRecord(args)) return args
    context.warn({
      code: 'value-changed',
      path,
      message: 'The arguments of a call are no JSON object and are sent as the text of one member, `input`.',
    })
  }
  return { input: part.input }
}
