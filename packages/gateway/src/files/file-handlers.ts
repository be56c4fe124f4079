import { randomBytes } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { SluiceError } from '@sluice/protocol'
import type { Call } from '../server/call.ts'
import { listOf, queryOf, readPage } from '../server/query.ts'
import { sendJson } from '../server/respond.ts'
import type { BatchesStore } from '../stores/batches-store.ts'
import type { FilesStore } from '../stores/files-store.ts'
import type { FileRow } from '../stores/tables.ts'
import type { FileContents } from './file-contents.ts'
import { fileObject } from './file-object.ts'
import { receiveFile } from './receive-file.ts'

export interface FileHandlerParts {
  readonly files: FilesStore
  readonly batches: Pick<BatchesStore, 'readerOf'>
  readonly contents: FileContents
  /** Of one file, in bytes. */
  readonly maxBytes: number
  readonly now: () => number
}

/** OpenAI's Files API over this gateway's own disk. https://platform.openai.com/docs/api-reference/files */
export interface FileHandlers {
  create(call: Call, owner: string): Promise<void>
  list(call: Call, owner: string): Promise<void>
  /** `part` is what follows the id: nothing, or `content`. @returns whether the file is one of this owner's. */
  show(call: Call, owner: string, id: string, part: 'content' | undefined): Promise<boolean>
  /** @returns whether the file was one of this owner's. */
  remove(call: Call, owner: string, id: string): Promise<boolean>
}

export function createFileHandlers({ files, batches, contents, maxBytes, now }: FileHandlerParts): FileHandlers {
  async function sweep(): Promise<void> {
    for (const id of await files.removeExpired()) await contents.remove(id)
  }

  return {
    async create(call, owner) {
      await sweep()
      const id = `file-${randomBytes(12).toString('hex')}`
      const { filename, purpose, contentStart, bytes, lifetime } = await receiveFile(call, id, contents, maxBytes)
      const created = now()
      const file: FileRow = {
        id,
        owner,
        filename,
        purpose,
        content_start: contentStart,
        bytes,
        created_at: created,
        expires_at: lifetime === undefined ? null : created + lifetime,
      }
      await files.add(file)
      sendJson(call, 200, fileObject(file))
    },
    async list(call, owner) {
      const query = queryOf(call)
      const page = readPage(query, 10_000, 10_000)
      const { rows, more } = await files.list(owner, { ...page, purpose: query.get('purpose') ?? undefined })
      sendJson(call, 200, listOf(rows.map(fileObject), more))
    },
    async show(call, owner, id, part) {
      const file = await files.find(id, owner)
      if (file === undefined) return false
      if (part === undefined) sendJson(call, 200, fileObject(file))
      else await sendContent(call, file, contents)
      return true
    },
    async remove(call, owner, id) {
      const reader = await batches.readerOf(id)
      if (reader !== undefined && (await files.find(id, owner)) !== undefined) {
        throw new SluiceError('invalid_request', `The batch ${reader} still reads this file. Cancel it first.`)
      }
      if (!(await files.remove(id, owner))) return false
      await contents.remove(id)
      sendJson(call, 200, { id, object: 'file', deleted: true })
      return true
    },
  }
}

async function sendContent(call: Call, file: FileRow, contents: FileContents): Promise<void> {
  const { response, request } = call
  const stream = contents.read(file)
  // Said of an empty one too.
  await new Promise<void>((resolve, reject) => stream.once('readable', () => resolve()).once('error', reject))
  response.writeHead(200, [
    'content-type',
    'application/octet-stream',
    'content-length',
    String(file.bytes),
    'content-disposition',
    `attachment; filename*=UTF-8''${encodeURIComponent(file.filename.toWellFormed())}`,
    'x-content-type-options',
    'nosniff',
    'x-request-id',
    call.id,
  ])
  if (request.method === 'HEAD') {
    stream.destroy()
    response.end()
    return
  }
  // Fails when the caller goes away: then there is nobody left to tell.
  await pipeline(stream, response).catch(() => response.destroy())
}
