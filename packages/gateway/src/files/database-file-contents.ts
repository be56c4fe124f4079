import { Readable } from 'node:stream'
import type { Database } from '../stores/database.ts'
import type { FileRow } from '../stores/tables.ts'
import type { FileContents } from './file-contents.ts'

/** Bytes of every piece but the last. Never to be changed: where a byte is follows from it. */
const chunkSize = 1024 * 1024
const day = 86_400_000

/** The bytes of files in the database, in pieces, for gateways on several machines. @param now milliseconds since 1970. */
export function createDatabaseFileContents(database: Database, now: () => number): FileContents {
  async function remove(id: string): Promise<void> {
    await database.deleteFrom('file_chunks').where('file_id', '=', id).execute()
  }

  async function* read({ id, content_start: start, bytes: length }: FileRow): AsyncGenerator<Uint8Array> {
    let position = start
    const end = start + length
    while (position < end) {
      const number = Math.floor(position / chunkSize)
      const row = await database
        .selectFrom('file_chunks')
        .select('bytes')
        .where('file_id', '=', id)
        .where('number', '=', number)
        .executeTakeFirst()
      if (row === undefined) throw Object.assign(new Error(`The bytes of ${id} are gone.`), { code: 'ENOENT' })
      const offset = number * chunkSize
      yield row.bytes.subarray(position - offset, Math.min(end - offset, chunkSize))
      position = offset + chunkSize
    }
  }

  return {
    async write(id, bytes) {
      let size = 0
      let number = 0
      try {
        for await (const chunk of inChunks(bytes)) {
          const row = { file_id: id, number: number++, written_at: now(), bytes: chunk }
          await database.insertInto('file_chunks').values(row).execute()
          size += chunk.length
        }
        return size
      } catch (error) {
        // Where that fails too, it is swept away later.
        await remove(id).catch(() => undefined)
        throw error
      }
    },
    read: (file) => Readable.from(read(file), { objectMode: false }),
    remove,
    async sweep() {
      await database
        .deleteFrom('file_chunks')
        .where('written_at', '<', now() - day)
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom('files').select('id').whereRef('files.id', '=', 'file_chunks.file_id'))),
        )
        .execute()
    },
  }
}

async function* inChunks(bytes: AsyncIterable<Uint8Array | string>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = []
  let size = 0
  for await (const given of bytes) {
    let rest = Buffer.from(given as Uint8Array)
    while (size + rest.length >= chunkSize) {
      const taken = chunkSize - size
      yield Buffer.concat([...pieces, rest.subarray(0, taken)])
      rest = rest.subarray(taken)
      pieces = []
      size = 0
    }
    pieces.push(rest)
    size += rest.length
  }
  if (size > 0) yield Buffer.concat(pieces)
}
