import type { CodecContext } from '../../dialect.ts'
import type { Annotation } from '../../ir/chat.ts'
import { isString, keep, kept, WireFields, type WireObject } from './wire.ts'

/** Types of citation that may name a web page, and the member that does. */
const urlMembers: Readonly<Record<string, string>> = {
  web_search_result_location: 'url',
  search_result_location: 'source',
}

/** A citation of a web page is an annotation; places in documents are known to this wire only. */
export function decodeCitation(wire: WireObject): Annotation {
  const member =
    isString(wire['type']) && Object.hasOwn(urlMembers, wire['type']) ? urlMembers[wire['type']] : undefined
  const fields = new WireFields(wire)
  const url = member === undefined ? undefined : fields.take(member, isUrl)
  if (url === undefined) return { type: 'other', ...keep(wire) }
  const title = fields.take('title', isString)
  return { type: 'url-citation', url, ...(title === undefined ? undefined : { title }), ...keep(fields.rest()) }
}

const isUrl = (value: unknown): value is string => isString(value) && /^https?:\/\//i.test(value)

/** `undefined` for an annotation that only another dialect knows. */
export function encodeCitation(annotation: Annotation, context: CodecContext, path: string): WireObject | undefined {
  const rest = kept(annotation.extensions, context, path)
  if (annotation.type === 'other') return rest
  const { url, title } = annotation
  const type = isString(rest?.['type']) ? rest['type'] : 'web_search_result_location'
  return {
    type,
    ...(rest ?? { title: null, cited_text: '', encrypted_index: '' }),
    [urlMembers[type] ?? 'url']: url ?? '',
    ...(title === undefined ? undefined : { title }),
  }
}
