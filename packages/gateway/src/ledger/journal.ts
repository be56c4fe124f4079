import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs'
import { type JournalWriter, removeLock, segmentPath, takeWriter } from './journal-files.ts'
import { type ReadLines, readLines } from './read-lines.ts'

export interface JournalOptions {
  readonly dataDirectory: string
  /** Of all files together. */
  readonly maxBytes: number
  /** Where there is no room: whether the oldest records go, or everything is still kept, since requests are refused instead. */
  readonly dropOldest: boolean
  /** Of one file. Default 4 MiB, less where the limit is small. */
  readonly segmentBytes?: number
  /** Called when there is something to be read, once until it was. */
  readonly pending: () => void
  /** Called when a line could not be written. */
  readonly failed: (error: unknown) => void
  /** Unix milliseconds. */
  readonly now: () => number
}

/** Some lines, in the order in which they were written. */
export interface JournalChunk {
  readonly lines: readonly string[]
  /** They are kept elsewhere, and need not be read again. @param records how many of them are whole records. */
  done(records: number): void
}

interface Segment {
  readonly number: number
  readonly path: string
  bytes: number
  /** Of them, the lines of streams that began in an older file. */
  carried: number
  /** Whole records that are not kept elsewhere yet. */
  records: number
  /** What is before it was read, and kept elsewhere. */
  offset: number
}

const usualSegmentBytes = 4 * 1024 * 1024
/** Milliseconds after which a directory that could not be written to is tried again. */
const retryAfter = 1_000

/**
 * Files that lines are appended to, one `write` each, which is with the operating system when `append` returns: it outlives
 * the process. Nothing is made before the first line. A class for its fields: they are touched once a request.
 */
export class Journal {
  readonly #options: JournalOptions
  readonly #segmentBytes: number
  /** Oldest first; the last one is written to. */
  #segments: Segment[] = []
  #writer: JournalWriter | undefined
  #file: number | undefined
  #pending = false
  #triedAt = 0
  /** Lines that end in this turn of the event loop, and what goes out when they are written. */
  #gathered: string[] = []
  #unsent: (() => void)[] = []
  /** Of streams that are under way: they are written into each new file, so that the older ones may go. */
  readonly #open = new Map<number, string>()
  #bytes = 0
  #carried = 0
  /** Of the journals of other processes. */
  otherBytes = 0
  /** Records that had to make room, and that could not be written. */
  dropped = 0
  lost = 0
  /** Why the last line could not be written. */
  failure: Error | undefined = undefined

  constructor(options: JournalOptions) {
    this.#options = options
    this.#segmentBytes = options.segmentBytes ?? Math.min(usualSegmentBytes, Math.ceil(options.maxBytes / 8))
  }

  /** Of this process, as long as it writes. */
  get writer(): string | undefined {
    return this.#writer?.name
  }

  get bytes(): number {
    return this.#bytes + this.otherBytes
  }

  /** Of this process. */
  get ownBytes(): number {
    return this.#bytes
  }

  /** How much of its room is taken: 1 for all of it. What is written anew into each file takes none. */
  get fill(): number {
    return (this.bytes - this.#carried) / this.#options.maxBytes
  }

  get full(): boolean {
    return this.fill >= 1
  }

  /** Records that are not kept elsewhere yet. */
  get waiting(): number {
    let records = 0
    for (const segment of this.#segments) records += segment.records
    return records
  }

  /** @param line ends with a line feed. Never throws: what cannot be written is counted. */
  append(line: string): void {
    this.#append(line, 1)
  }

  /** As `append`, with all others that are gathered in this turn of the event loop: a `write` costs more than a line. */
  gather(line: string): void {
    if (this.#gathered.length === 0) setImmediate(() => this.writeGathered())
    this.#gathered.push(line)
  }

  /** Calls back when all that was gathered is written, or counted. */
  whenWritten(send: () => void): void {
    if (this.#gathered.length === 0) send()
    else this.#unsent.push(send)
  }

  writeGathered(): void {
    const [lines, unsent] = [this.#gathered, this.#unsent]
    if (lines.length === 0) return
    this.#gathered = []
    this.#unsent = []
    this.#append(lines.length === 1 ? lines[0]! : lines.join(''), lines.length)
    for (const send of unsent) send()
  }

  #append(lines: string, records: number): void {
    try {
      if (this.#file === undefined) this.#begin()
      this.#write(lines)
      this.#segments.at(-1)!.records += records
      this.failure = undefined
    } catch (error) {
      this.lost += records
      this.#fail(error)
      return
    }
    if (!this.#pending) {
      this.#pending = true
      this.#options.pending()
    }
  }

  /** Tries whether a directory that could not be written to can be again. */
  recover(): void {
    if (this.#file !== undefined || this.failure === undefined) return
    try {
      this.#begin()
      this.failure = undefined
    } catch (error) {
      this.#fail(error)
    }
  }

  /** A line that stays in the newest file until `end` is called: it is written into each new one. */
  begin(number: number, line: string): void {
    this.#open.set(number, line)
    try {
      if (this.#file === undefined) this.#begin()
      else this.#write(line)
    } catch (error) {
      this.#fail(error)
    }
  }

  end(number: number): void {
    this.#open.delete(number)
  }

  /** The oldest lines that were not read yet. */
  take(): JournalChunk | undefined {
    this.writeGathered()
    this.#pending = false
    for (;;) {
      const segment = this.#segments.find(({ offset, bytes }) => offset < bytes)
      if (segment === undefined) return undefined
      const read = this.#read(segment)
      if (read === undefined) continue
      const { lines, next } = read
      if (lines.length > 0) return { lines, done: (records) => this.#advance(segment, next, records) }
      if (segment === this.#segments.at(-1)) return undefined
      // A line that broke off at the end of a file was written whole into the next.
      this.#advance(segment, segment.bytes, segment.records)
    }
  }

  /** What was not kept elsewhere stays, for whoever comes next. */
  close(): void {
    this.writeGathered()
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    const left = this.#segments.some(({ offset, bytes }) => offset < bytes)
    if (!left) for (const { path } of this.#segments) rmSync(path, { force: true })
    this.#segments = []
    if (this.#writer === undefined) return
    if (!left) removeLock(this.#writer.directory, this.#writer.name)
    this.#writer.lock.release()
    this.#writer = undefined
  }

  #read(segment: Segment): ReadLines | undefined {
    try {
      return readLines(segment.path, segment.offset)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      // Somebody removed the file: there is nothing to wait for.
      this.lost += segment.records
      this.#advance(segment, segment.bytes, segment.records)
      return undefined
    }
  }

  #begin(): void {
    const { dataDirectory, now } = this.#options
    const time = now()
    // The clock may be put back meanwhile.
    if (this.failure !== undefined && Math.abs(time - this.#triedAt) < retryAfter) throw this.failure
    this.#triedAt = time
    this.#writer ??= takeWriter(dataDirectory, time)
    this.#rotate(this.#writer)
  }

  #rotate({ directory, name }: JournalWriter): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    const last = this.#segments.at(-1)
    const number = (last?.number ?? 0) + 1
    const path = segmentPath(directory, name, number)
    this.#file = openSync(path, 'ax', 0o600)
    const segment: Segment = { number, path, bytes: 0, carried: 0, records: 0, offset: 0 }
    this.#segments.push(segment)
    if (last !== undefined && last.offset >= last.bytes) this.#remove(last)
    if (this.#open.size === 0) return
    this.#put([...this.#open.values()].join(''))
    segment.carried = segment.bytes
    this.#carried += segment.bytes
  }

  #write(line: string): void {
    const segment = this.#segments.at(-1)!
    if (segment.bytes - segment.carried >= this.#roomOf(segment)) this.#rotate(this.#writer!)
    if (this.full && this.#options.dropOldest) this.#makeRoom()
    if (this.#put(line)) return
    this.#rotate(this.#writer!)
    if (!this.#put(line)) throw new Error('There is no room left for the journal.')
  }

  /** As much as was carried into it, at the least: however many streams are under way, no more is copied than written. */
  #roomOf({ carried }: Segment): number {
    return Math.max(this.#segmentBytes, Math.min(carried, this.#options.maxBytes / 2))
  }

  #put(line: string): boolean {
    const segment = this.#segments.at(-1)!
    const written = writeSync(this.#file!, line)
    if (written < line.length || written !== Buffer.byteLength(line)) {
      // The disk had room for its beginning only: it counts as never written.
      ftruncateSync(this.#file!, segment.bytes)
      return false
    }
    segment.bytes += written
    this.#bytes += written
    return true
  }

  #makeRoom(): void {
    const [oldest, next] = this.#segments
    if (oldest === undefined || next === undefined) return
    this.dropped += oldest.records
    oldest.offset = oldest.bytes
    this.#remove(oldest)
  }

  #advance(segment: Segment, offset: number, records: number): void {
    segment.offset = Math.max(segment.offset, offset)
    segment.records = Math.max(0, segment.records - records)
    if (segment.offset >= segment.bytes && segment !== this.#segments.at(-1)) this.#remove(segment)
  }

  #remove(segment: Segment): void {
    rmSync(segment.path, { force: true })
    const index = this.#segments.indexOf(segment)
    if (index < 0) return
    this.#segments.splice(index, 1)
    this.#bytes -= segment.bytes
    this.#carried -= segment.carried
  }

  #fail(error: unknown): void {
    this.failure = error instanceof Error ? error : new Error('unknown reason')
    this.#triedAt = this.#options.now()
    if (this.#file !== undefined) {
      try {
        closeSync(this.#file)
      } catch {
        // It is given up in any case.
      }
    }
    this.#file = undefined
    this.#options.failed(error)
  }
}
