import { createReadStream, createWriteStream } from 'node:fs'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FileRow } from '../stores/tables.ts'
import { makeDirectory } from '../stores/make-directory.ts'

/** The bytes of files, each by its id. */
export interface FileContents {
  /** Writes all of `bytes`; a file is there whole or not at all, whatever happens meanwhile. @returns how many. */
  write(id: string, bytes: AsyncIterable<Uint8Array | string>): Promise<number>
  /** The stream fails with `ENOENT` where the bytes are gone. */
  read(file: FileRow): Readable
  /** Nothing happens where there is none. */
  remove(id: string): Promise<void>
  /** Removes what was left half-written a day ago or longer. */
  sweep(): Promise<void>
}

const unfinished = '.part'
const day = 86_400_000

/** One file of the file system for each. @param directory is made for its owner alone. */
export async function openFileContents(directory: string): Promise<FileContents> {
  makeDirectory(resolve(directory))
  return {
    async write(id, bytes) {
      const path = join(directory, id)
      const stream = createWriteStream(path + unfinished, { mode: 0o600, flush: true })
      try {
        await pipeline(bytes, stream)
        await rename(path + unfinished, path)
        return stream.bytesWritten
      } catch (error) {
        await rm(path + unfinished, { force: true })
        throw error
      }
    },
    read({ id, content_start: start, bytes }) {
      // `end` is inclusive, so that no range is empty: nothing is read behind the end.
      return createReadStream(join(directory, id), bytes === 0 ? { start: 2 ** 40 } : { start, end: start + bytes - 1 })
    },
    remove: (id) => rm(join(directory, id), { force: true }),
    async sweep() {
      for (const name of await readdir(directory)) {
        if (!name.endsWith(unfinished)) continue
        const path = join(directory, name)
        const { mtimeMs } = await stat(path)
        if (mtimeMs < Date.now() - day) await rm(path, { force: true })
      }
    },
  }
}
