import type { CodecContext } from '../../dialect.ts'
import type { Annotation } from '../../ir/chat.ts'
import {
  inner,
  isNumber,
  isRecord,
  isString,
  keep,
  kept,
  type Mutable,
  nest,
  WireFields,
  type WireObject,
} from './wire.ts'

export function decodeAnnotation(wire: WireObject): Annotation {
  const fields = new WireFields(wire)
  const citation = fields.take('url_citation', isRecord)
  if (citation === undefined || !fields.takeExact('type', 'url_citation')) return { type: 'other', ...keep(wire) }
  const details = new WireFields(citation)
  const annotation: Mutable<Annotation> = { type: 'url-citation' }
  const url = details.take('url', isString)
  const title = details.take('title', isString)
  const start = details.take('start_index', isNumber)
  const end = details.take('end_index', isNumber)
  if (url !== undefined) annotation.url = url
  if (title !== undefined) annotation.title = title
  if (start !== undefined) annotation.start = start
  if (end !== undefined) annotation.end = end
  return Object.assign(annotation, keep(nest(fields.rest(), 'url_citation', details.rest())))
}

/**
 * @param offset where the annotated part begins in the message's content: the wire counts from there.
 * @returns `undefined` for an annotation that only another dialect knows.
 */
export function encodeAnnotation(
  annotation: Annotation,
  offset: number,
  context: CodecContext,
): WireObject | undefined {
  const rest = kept(annotation.extensions, context, 'annotations')
  if (annotation.type === 'other') return rest
  const { url, title, start, end } = annotation
  return {
    type: 'url_citation',
    ...rest,
    url_citation: {
      ...inner(rest, 'url_citation'),
      ...(start === undefined ? undefined : { start_index: start + offset }),
      ...(end === undefined ? undefined : { end_index: end + offset }),
      ...(title === undefined ? undefined : { title }),
      ...(url === undefined ? undefined : { url }),
    },
  }
}
