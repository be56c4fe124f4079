import { createFormScanner, formBoundary, type FormScanner, SluiceError } from '@sluice/protocol'
import type { Call } from '../server/call.ts'
import { tooLarge } from '../server/read-body.ts'
import { chunksOf } from '../server/read-form.ts'
import type { FileContents } from './file-contents.ts'

/** A file that was sent, and is on the disk now. */
export interface ReceivedFile {
  readonly filename: string
  readonly purpose: string
  /** Where its content begins in what was written. */
  readonly contentStart: number
  readonly bytes: number
  /** Milliseconds; `undefined`: for good. */
  readonly lifetime: number | undefined
}

/** What a form has around its file: other parts, heads, boundaries. */
const formOverhead = 64 * 1024
const fields = ['purpose', 'expires_after[anchor]', 'expires_after[seconds]']

/**
 * Writes a form with a file to the disk as it arrives: all of it, of which the file's content is a range.
 *
 * @param limit of the file, in bytes.
 * @throws SluiceError `unsupported_media_type`, `invalid_request`, `body_too_large`, `client_closed_request`; then
 *   nothing is left.
 */
export async function receiveFile(
  call: Call,
  id: string,
  contents: FileContents,
  limit: number,
): Promise<ReceivedFile> {
  const { request } = call
  const boundary = formBoundary(request.headers['content-type'])
  if (boundary === undefined) {
    throw new SluiceError(
      'unsupported_media_type',
      'The content type must be multipart/form-data with a plain boundary, with the parts `file` and `purpose`.',
    )
  }
  const announced = request.headers['content-length']
  if (announced !== undefined && Number(announced) > limit + formOverhead) throw tooLarge(limit)
  if (request.headers.expect !== undefined) call.response.writeContinue()
  const scanner = createFormScanner(boundary, fields)
  await contents.write(id, scanned(chunksOf(request), scanner, limit))
  try {
    const received = readForm(scanner)
    if (received.bytes > limit) throw tooLarge(limit)
    return received
  } catch (error) {
    await contents.remove(id)
    throw error
  }
}

async function* scanned(
  chunks: AsyncIterable<Buffer>,
  scanner: FormScanner,
  limit: number,
): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > limit + formOverhead) throw tooLarge(limit)
    scanner.write(chunk)
    yield chunk
  }
  if (!scanner.complete) throw new SluiceError('invalid_request', 'The form has no end: its last boundary is missing.')
}

function readForm(scanner: FormScanner): ReceivedFile {
  const purpose = scanner.field('purpose')?.value
  if (purpose === undefined || !/^[a-z][a-z_-]{0,63}$/.test(purpose)) {
    throw new SluiceError('invalid_request', '`purpose` is missing, or is no word such as `batch` or `user_data`.', {
      param: 'purpose',
    })
  }
  const [file, another] = scanner.files
  if (file === undefined || file.name !== 'file' || another !== undefined) {
    throw new SluiceError('invalid_request', 'The form must have one file, in the part `file`.', { param: 'file' })
  }
  const { filename, start, end } = file
  return {
    filename: filename === '' ? 'upload' : filename,
    purpose,
    contentStart: start,
    bytes: end - start,
    lifetime: readLifetime(scanner),
  }
}

function readLifetime(scanner: FormScanner): number | undefined {
  const anchor = scanner.field('expires_after[anchor]')?.value
  const seconds = scanner.field('expires_after[seconds]')?.value
  if (anchor === undefined && seconds === undefined) return undefined
  if (anchor !== 'created_at' || !/^\d{1,9}$/.test(seconds ?? '')) {
    throw new SluiceError('invalid_request', '`expires_after` must have the anchor `created_at` and whole seconds.', {
      param: 'expires_after',
    })
  }
  return Number(seconds) * 1000
}
