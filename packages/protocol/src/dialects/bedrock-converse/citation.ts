import type { CodecContext } from '../../dialect.ts'
import type { Annotation } from '../../ir/chat.ts'
import { inner, isRecord, isString, keep, kept, nest, WireFields, type WireObject } from './wire.ts'

/** A citation of a web page is an annotation; places in documents are known to this wire only. */
export function decodeCitation(wire: WireObject): Annotation {
  const location = wire['location']
  const web = inner(isRecord(location) ? location : undefined, 'web')
  const page = new WireFields(web ?? {})
  const url = page.take('url', isString)
  if (url === undefined || Object.keys(location as WireObject).length !== 1) return { type: 'other', ...keep(wire) }
  const fields = new WireFields(wire)
  fields.skip('location')
  const title = fields.take('title', isString)
  const rest = nest(fields.rest(), 'web', page.rest())
  return { type: 'url-citation', url, ...(title !== undefined && { title }), ...keep(rest) }
}

/** `undefined` for an annotation that only another dialect knows. */
export function encodeCitation(annotation: Annotation, context: CodecContext, path: string): WireObject | undefined {
  const rest = kept(annotation.extensions, context, path)
  if (annotation.type === 'other') return rest
  const { web, ...others } = rest ?? {}
  const { url, title } = annotation
  return {
    ...(title !== undefined && { title }),
    ...others,
    location: { web: { ...(isRecord(web) && web), url: url ?? '' } },
  }
}
