import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type ExclusiveLock, takeDirectoryLock } from '../stores/exclusive-lock.ts'
import { makeDirectory } from '../stores/make-directory.ts'

/**
 * The files of journals in a data directory: `ledger/WRITER.NUMBER.jsonl`, and `ledger/WRITER.lock`, which the operating
 * system holds for the process that writes them for as long as that lives.
 */
export interface JournalWriter {
  /** Sorts by time. */
  readonly name: string
  readonly directory: string
  readonly lock: ExclusiveLock
}

/** What a process left behind that is no more. */
export interface OrphanedJournal {
  readonly name: string
  /** In the order in which they were written. */
  readonly files: readonly string[]
  /** For after its records were kept elsewhere. */
  remove(): void
  /** Leaves it to whoever comes next. */
  release(): void
}

export function journalDirectory(dataDirectory: string): string {
  return join(dataDirectory, 'ledger')
}

export function segmentPath(directory: string, writer: string, number: number): string {
  return join(directory, `${writer}.${number}.jsonl`)
}

/** A name that is nobody else's, and the lock that says that it is in use. Makes the directory. */
export function takeWriter(dataDirectory: string, now: number): JournalWriter {
  const directory = journalDirectory(dataDirectory)
  makeDirectory(directory)
  for (;;) {
    const name = `${now.toString(36).padStart(9, '0')}${randomBytes(4).toString('hex')}`
    const lock = takeDirectoryLock(directory, name)
    if (lock !== undefined) return { name, directory, lock }
  }
}

export function removeLock(directory: string, writer: string): void {
  rmSync(join(directory, `${writer}.lock`), { force: true })
}

/** The journals of processes that are no more, each of which is now this process's to keep; the oldest first. */
export function* takeOrphans(dataDirectory: string, own: () => string | undefined): Iterable<OrphanedJournal> {
  const directory = journalDirectory(dataDirectory)
  if (!existsSync(directory)) return
  for (const name of [...new Set(segments(directory).map(({ writer }) => writer))].toSorted()) {
    if (name === own()) continue
    const lock = takeDirectoryLock(directory, name)
    if (lock === undefined) continue
    // Listed under the lock: another process may have kept and removed them meanwhile.
    const files = segments(directory)
      .filter(({ writer }) => writer === name)
      .toSorted((left, right) => left.number - right.number)
      .map(({ file }) => join(directory, file))
    yield {
      name,
      files,
      remove() {
        for (const file of files) rmSync(file, { force: true })
        removeLock(directory, name)
        lock.release()
      },
      release: () => lock.release(),
    }
  }
}

/** Bytes of all journals that are there. */
export function journalBytes(dataDirectory: string): number {
  const directory = journalDirectory(dataDirectory)
  if (!existsSync(directory)) return 0
  let bytes = 0
  for (const { file } of segments(directory))
    bytes += statSync(join(directory, file), { throwIfNoEntry: false })?.size ?? 0
  return bytes
}

const segmentName = /^([0-9a-z]+)\.(\d+)\.jsonl$/

function segments(directory: string): { readonly file: string; readonly writer: string; readonly number: number }[] {
  return readdirSync(directory).flatMap((file) => {
    const match = segmentName.exec(file)
    return match === null ? [] : [{ file, writer: match[1]!, number: Number(match[2]) }]
  })
}
