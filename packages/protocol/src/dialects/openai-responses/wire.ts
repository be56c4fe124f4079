import type { CodecContext } from '../../dialect.ts'
import type { Extensions } from '../../ir/extensions.ts'
import { dialectId as chatId } from '../openai-chat/wire.ts'
import { isArray, isRecord, type WireObject } from '../../json/wire-object.ts'

export const dialectId = 'openai-responses'

/** How something was written: ids and states of items, what a response repeats of its request. */
const formId = 'openai-responses/form'

/** Members that OpenAI has under one name in both of its APIs: kept as the other one's, which it writes back. */
export const sharedMembers = [
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
] as const

/** An `extensions` member to be spread into a neutral value; nothing when there is nothing to keep. */
export function keep(
  rest: WireObject | undefined,
  form?: WireObject,
  shared?: WireObject,
): { extensions?: Extensions } {
  if (rest === undefined && form === undefined && shared === undefined) return {}
  return {
    extensions: {
      ...(rest !== undefined && { [dialectId]: rest }),
      ...(form !== undefined && { [formId]: form }),
      ...(shared !== undefined && { [chatId]: shared }),
    },
  }
}

/** The unknown members that this dialect kept; whatever another dialect kept is reported as dropped. */
export function kept(extensions: Extensions | undefined, context: CodecContext, path: string): WireObject | undefined {
  if (extensions === undefined) return undefined
  let shared: Record<string, unknown> | undefined
  for (const [id, members] of Object.entries(extensions)) {
    if (id === dialectId || id.includes('/')) continue
    for (const [name, value] of Object.entries(members)) {
      if (id === chatId && path === '') {
        // A stream reports its usage here without being asked.
        if (name === 'stream_options') continue
        if ((sharedMembers as readonly string[]).includes(name)) {
          ;(shared ??= {})[name] = value
          continue
        }
      }
      context.warn({
        code: 'field-dropped',
        path: path === '' ? name : `${path}.${name}`,
        message: `'${name}' of ${id} has no counterpart in ${dialectId} and was left out.`,
      })
    }
  }
  const own = extensions[dialectId]
  return shared === undefined ? own : { ...shared, ...own }
}

/**
 * Takes `extra_content` out, the member in which calls of Google's models carry their signatures in Chat Completions:
 * here it goes under the same name. https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export function splitExtra(extensions: Extensions | undefined): { extra?: WireObject; extensions?: Extensions } {
  const { extra_content: extra, ...members } = extensions?.[chatId] ?? {}
  if (extensions === undefined || extra === undefined) return extensions === undefined ? {} : { extensions }
  const { [chatId]: _, ...others } = extensions
  const left = Object.keys(members).length === 0 ? others : { ...others, [chatId]: members }
  return { extra: { extra_content: extra }, extensions: left }
}

/** How the value was written; `undefined` when it did not come from this dialect. */
export function formOf(extensions: Extensions | undefined): WireObject | undefined {
  return extensions?.[formId]
}

/** Whether the wire that the form tells of lacked a member that is written by default. */
export function wasAbsent(form: WireObject | undefined, name: string): boolean {
  const absent = form?.['absent']
  return isArray(absent) && absent.includes(name)
}

/** Those of the members that are written by default and that the wire lacks; `undefined` when it has them all. */
export function absentFrom(wire: WireObject, names: readonly string[]): WireObject | undefined {
  const absent = names.filter((name) => wire[name] === undefined)
  return absent.length === 0 ? undefined : { absent }
}

/** The members of these names that the wire has. */
export function pick(wire: WireObject, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => wire[name] !== undefined).map((name) => [name, wire[name]]))
}

export function recordOr(value: unknown, otherwise: WireObject): WireObject {
  return isRecord(value) ? value : otherwise
}
