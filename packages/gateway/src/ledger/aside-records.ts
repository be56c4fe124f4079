import { appendFileSync, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { makeDirectory } from '../stores/make-directory.ts'
import { journalDirectory, segmentPath } from './journal-files.ts'

/**
 * Lines of the journal that the database refuses, in `ledger/aside`: files that are journals again as soon as they are moved
 * one folder up, with the names of those who wrote them, so that each record keeps its id and is counted once.
 */
export interface AsideRecords {
  /** Bytes that lie there, of all processes, at the last look. */
  readonly bytes: number
  /** Since the start, by this process. */
  readonly count: number
  /** @returns whether there was room. @throws when it cannot be written. */
  add(line: string, writer: string): boolean
  /** Looks what lies there: operators take away from it. */
  look(): void
}

const usualMostBytes = 16 * 1024 * 1024
/** The numbers of a writer's own files begin at 1. */
const asideNumber = 0

/** @param maxJournalBytes of which an eighth at the most lies aside. */
export function createAsideRecords(dataDirectory: string, maxJournalBytes: number): AsideRecords {
  const directory = join(journalDirectory(dataDirectory), 'aside')
  const most = Math.min(usualMostBytes, Math.ceil(maxJournalBytes / 8))
  let bytes = 0
  let count = 0

  function look(): void {
    bytes = 0
    if (!existsSync(directory)) return
    for (const file of readdirSync(directory))
      bytes += statSync(join(directory, file), { throwIfNoEntry: false })?.size ?? 0
  }

  return {
    get bytes() {
      return bytes
    },
    get count() {
      return count
    },
    look,
    add(line, writer) {
      look()
      const text = `${line}\n`
      if (bytes + Buffer.byteLength(text) > most) return false
      makeDirectory(directory)
      appendFileSync(segmentPath(directory, writer, asideNumber), text, { mode: 0o600 })
      look()
      count++
      return true
    },
  }
}
