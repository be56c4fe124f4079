import type { CodecContext } from '../../dialect.ts'
import type { Annotation } from '../../ir/chat.ts'
import {
  formOf,
  inner,
  isArray,
  isNumber,
  isRecord,
  isString,
  keep,
  kept,
  WireFields,
  type WireObject,
} from './wire.ts'

/** Which text a citation belongs to: `PLAN` is that of the tool plan. */
export type CitationType = 'TEXT_CONTENT' | 'PLAN'

/** A citation of a document that has an address cites that; any other is known to this wire only. */
export function decodeCitation(wire: WireObject): Annotation {
  const fields = new WireFields(wire)
  const start = fields.take('start', isNumber)
  const end = fields.take('end', isNumber)
  const form: Record<string, unknown> = {}
  for (const name of ['text', 'content_index', 'type']) {
    fields.skip(name)
    if (name in wire) form[name] = wire[name]
  }
  const place = { ...(start !== undefined && { start }), ...(end !== undefined && { end }) }
  const own = keep(fields.rest(), form)
  const page = isArray(wire['sources']) ? wire['sources'].map(pageOf).find((found) => found !== undefined) : undefined
  return page === undefined ? { type: 'other', ...place, ...own } : { type: 'url-citation', ...page, ...place, ...own }
}

function pageOf(source: unknown): { readonly url: string; readonly title?: string } | undefined {
  const document = isRecord(source) ? inner(source, 'document') : undefined
  const url = document?.['url']
  const title = document?.['title']
  if (!isString(url) || !/^https?:\/\//i.test(url)) return undefined
  return { url, ...(isString(title) && { title }) }
}

interface CitedText {
  readonly type: CitationType
  /** Of the text in the message's content. */
  readonly index: number
  readonly text: string
}

/** `undefined` for an annotation that only another dialect knows. */
export function encodeCitation(
  annotation: Annotation,
  cited: CitedText,
  context: CodecContext,
  path: string,
): WireObject | undefined {
  const { type, url, title, start, end, extensions } = annotation
  const rest = kept(extensions, context, path)
  const form = formOf(extensions)
  const place = { ...(start !== undefined && { start }), ...(end !== undefined && { end }) }
  if (form !== undefined) return { ...place, ...form, ...rest }
  if (type === 'other') return undefined
  const document = { ...(url !== undefined && { url }), ...(title !== undefined && { title }) }
  return {
    ...place,
    text: start === undefined ? '' : cited.text.slice(start, end),
    sources: [{ type: 'document', id: url ?? '', document }],
    content_index: cited.index,
    type: cited.type,
  }
}
