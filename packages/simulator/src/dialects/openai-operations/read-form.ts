import type { RecordedRequest } from '../../recording.ts'
import { refuse } from './refuse.ts'

export interface FormPart {
  readonly name: string
  /** Of parts that are files. */
  readonly filename: string | undefined
  readonly content: Buffer
}

/** The parts of a `multipart/form-data` body (RFC 7578). Throws `RequestRefused`. */
export function readForm(request: RecordedRequest): readonly FormPart[] {
  const found = /^multipart\/form-data\b.*;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(
    request.header('content-type') ?? '',
  )
  const boundary = found?.[1] ?? found?.[2]
  if (boundary === undefined) return refuse('Invalid Content-Type: expected multipart/form-data with a boundary.')
  const body = Buffer.concat([Buffer.from('\r\n'), request.body])
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  const parts: FormPart[] = []
  for (let from = body.indexOf(delimiter); ;) {
    const start = from + delimiter.length
    if (from < 0) return refuse('Could not parse multipart form: it has no end.')
    if (body.toString('latin1', start, start + 2) === '--') return parts
    const next = body.indexOf(delimiter, start)
    if (next < 0) return refuse('Could not parse multipart form: it has no end.')
    parts.push(readPart(body.subarray(start + 2, next)))
    from = next
  }
}

function readPart(part: Buffer): FormPart {
  const split = part.indexOf('\r\n\r\n')
  const head = part.toString('utf8', 0, split)
  const name = /^content-disposition:.*\bname="([^"]*)"/im.exec(head)?.[1]
  if (split < 0 || name === undefined) return refuse('Could not parse multipart form: a part has no name.')
  return { name, filename: /\bfilename="([^"]*)"/i.exec(head)?.[1], content: part.subarray(split + 4) }
}

/** The last of that name. */
export function fieldOf(parts: readonly FormPart[], name: string): string | undefined {
  return parts.findLast((part) => part.name === name && part.filename === undefined)?.content.toString('utf8')
}
