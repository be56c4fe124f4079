import type { CodecContext } from '../../dialect.ts'
import type { Annotation } from '../../ir/chat.ts'
import { isNumber, isRecord, isString, type Mutable, WireFields, type WireObject } from '../../json/wire-object.ts'
import { keep, kept } from './wire.ts'

/** A flat `url_citation`; any other kind is kept whole. */
export function decodeAnnotation(wire: WireObject): Annotation {
  const fields = new WireFields(wire)
  if (!fields.takeExact('type', 'url_citation')) return { type: 'other', ...keep(wire) }
  const annotation: Mutable<Annotation> = { type: 'url-citation' }
  const url = fields.take('url', isString)
  const title = fields.take('title', isString)
  const start = fields.take('start_index', isNumber)
  const end = fields.take('end_index', isNumber)
  if (url !== undefined) annotation.url = url
  if (title !== undefined) annotation.title = title
  if (start !== undefined) annotation.start = start
  if (end !== undefined) annotation.end = end
  return Object.assign(annotation, keep(fields.rest()))
}

export function decodeAnnotations(wire: unknown): readonly Annotation[] {
  return Array.isArray(wire) ? wire.filter(isRecord).map(decodeAnnotation) : []
}

/** @returns `undefined` for an annotation that only another dialect knows. */
export function encodeAnnotation(annotation: Annotation, context: CodecContext, path: string): WireObject | undefined {
  const rest = kept(annotation.extensions, context, path)
  if (annotation.type === 'other') return rest
  const { url, title, start, end } = annotation
  return {
    type: 'url_citation',
    ...rest,
    ...(start !== undefined && { start_index: start }),
    ...(end !== undefined && { end_index: end }),
    ...(title !== undefined && { title }),
    ...(url !== undefined && { url }),
  }
}
