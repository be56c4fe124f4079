import type { Logger } from 'pino'
import type { AsideRecords } from './aside-records.ts'
import type { Journal } from './journal.ts'
import { type OrphanedJournal, journalBytes, takeOrphans } from './journal-files.ts'
import { decodeLine } from './journal-line.ts'
import type { LedgerStore } from './ledger-store.ts'
import { readLines } from './read-lines.ts'
import type { UsageEntry } from './usage-entry.ts'

export interface LedgerWriterParts {
  readonly journal: Journal
  readonly dataDirectory: string
  /** Where records go that the database refuses for what they are. */
  readonly aside: AsideRecords
  readonly store: () => Promise<LedgerStore>
  /** Whether the store's database is a server. */
  readonly shared: boolean
  /** For records that were written before prices were there. */
  readonly price: (entry: UsageEntry) => Promise<UsageEntry>
  readonly logger: Logger
  /** Called when the database cannot be written to, when it can again, and when what lies aside may have changed. */
  readonly changed: () => void
}

/** Moves what is in the journal into the database, beside all requests and in small steps. */
export interface LedgerWriter {
  /** There is something in the journal. Cheap. */
  wake(): void
  /** Looks for what processes left behind that are no more, now and from time to time. */
  start(): void
  /** Resolves when all that was in the journal is in the database. Rejects when that fails. */
  flush(): Promise<void>
  /** Gives it one last try of a few seconds; what remains is there for the next start. */
  close(): Promise<void>
  /** Why the database cannot be written to. */
  readonly failure: unknown
}

/** Milliseconds for which records gather before they are written together. */
const gathering = 200
/** How steps are cut and spaced. */
interface Pace {
  /** Milliseconds that one step should take at the most. */
  readonly longestStep: number
  readonly smallestBatch: number
  /** Of the time so much is given to writing while little has gathered. */
  readonly smallestShare: number
}
/** Requests wait while SQLite writes, in this process. */
const within: Pace = { longestStep: 4, smallestBatch: 8, smallestShare: 0.03 }
/** What a step takes is mostly waiting for a server, beside requests; so paced as `within`, it would never catch up with them. */
const beside: Pace = { longestStep: 25, smallestBatch: 64, smallestShare: 0.1 }
const largestBatch = 512
/** The same while the journal is full. */
const largestShare = 0.5
/** Milliseconds: a step that had to wait for a database to come back says nothing of what steps cost. */
const longestRest = 500
const shortestRetry = 500
const longestRetry = 15_000
const orphanInterval = 30_000
const lastTry = 5_000

export function createLedgerWriter(parts: LedgerWriterParts): LedgerWriter {
  const { journal, dataDirectory, aside, logger } = parts
  const pace = parts.shared ? beside : within
  let batch = pace.smallestBatch * 4
  let timer: NodeJS.Timeout | undefined
  let orphanTimer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let orphansDue = false
  let failure: unknown
  let retry = shortestRetry
  let hurry = false
  let closed = false

  function schedule(milliseconds: number): void {
    if (timer !== undefined || closed) return
    timer = setTimeout(() => {
      timer = undefined
      run().catch(() => undefined)
    }, milliseconds)
    timer.unref()
  }

  function run(): Promise<void> {
    running ??= work().finally(() => {
      running = undefined
    })
    return running
  }

  async function work(): Promise<void> {
    try {
      if (orphansDue) {
        orphansDue = false
        await replayAll()
      }
      for (let chunk = journal.take(); chunk !== undefined; chunk = journal.take()) {
        const ended = readEntries(chunk.lines, journal.writer ?? '')
        await keep(ended)
        chunk.done(ended.length)
      }
      retry = shortestRetry
      if (failure !== undefined) settle(undefined)
    } catch (error) {
      if (failure === undefined) settle(error)
      schedule(retry)
      retry = Math.min(retry * 2, longestRetry)
      throw error
    }
  }

  function settle(error: unknown): void {
    failure = error
    parts.changed()
  }

  /** In steps that are short, with rests between them. */
  async function keep(lines: readonly Readable[]): Promise<void> {
    const store = await parts.store()
    for (let start = 0; start < lines.length;) {
      const some = lines.slice(start, start + batch)
      const priced: Readable[] = []
      for (const one of some) priced.push(one.unpriced ? { ...one, entry: await parts.price(one.entry) } : one)
      const startedAt = performance.now()
      await add(store, priced)
      const took = performance.now() - startedAt
      start += some.length
      if (some.length === batch) batch = nextBatch(pace, batch, took)
      if (hurry) continue
      const share = pace.smallestShare + (largestShare - pace.smallestShare) * Math.min(1, journal.fill)
      await rest(Math.min(took * (1 / share - 1), longestRest))
    }
  }

  /** What is refused is found by halves, and put aside: one record must not hold up all behind it. */
  async function add(store: LedgerStore, some: readonly Readable[]): Promise<void> {
    try {
      await store.add(some.map(({ entry }) => entry))
    } catch (error) {
      if (!(await store.blamesEntries(error))) throw error
      if (some.length === 1) return putAside(some[0]!, error)
      const middle = some.length >> 1
      await add(store, some.slice(0, middle))
      await add(store, some.slice(middle))
    }
  }

  /** @throws `error` where there is no room: it waits in the journal then, and all behind it. */
  function putAside({ text, writer, entry }: Readable, error: unknown): void {
    if (!aside.add(text, writer)) throw error
    const reason = error instanceof Error ? error.message : 'unknown reason'
    logger.error(
      { record: entry.id, request: entry.requestId, reason },
      'The database refuses a record. It lies in ledger/aside of the data directory until somebody sees to it.',
    )
    parts.changed()
  }

  function lookAside(): void {
    const before = aside.bytes
    aside.look()
    if (aside.bytes !== before) parts.changed()
  }

  async function replayAll(): Promise<void> {
    for (const orphan of takeOrphans(dataDirectory, () => journal.writer)) {
      try {
        await replay(orphan)
      } catch (error) {
        orphansDue = true
        orphan.release()
        throw error
      }
      orphan.remove()
    }
    journal.otherBytes = Math.max(0, journalBytes(dataDirectory) - journal.ownBytes)
  }

  /** All that ended is kept as it is; what only began ended with its process. */
  async function replay({ name, files }: OrphanedJournal): Promise<void> {
    const open = new Map<number, Readable>()
    let count = 0
    for (const file of files) {
      for (let { lines, next } = readLines(file, 0); lines.length > 0; { lines, next } = readLines(file, next)) {
        const ended = readEntries(lines, name, open)
        await keep(ended)
        count += ended.length
      }
    }
    await keep([...open.values()])
    logger.info({ records: count, interrupted: open.size }, 'Took over the journal of a process that is no more.')
  }

  function readEntries(lines: readonly string[], writer: string, open?: Map<number, Readable>): Readable[] {
    const readable: Readable[] = []
    for (const text of lines) {
      const line = decodeLine(text, writer)
      if (line === undefined) logger.warn('A line of the journal cannot be read and is left out.')
      else if (line.kind === 'begun') open?.set(line.number, { text, writer, entry: line.entry, unpriced: false })
      else {
        open?.delete(line.number)
        readable.push({ text, writer, entry: line.entry, unpriced: line.unpriced })
      }
    }
    return readable
  }

  return {
    get failure() {
      return failure
    },
    wake: () => schedule(gathering),
    start() {
      journal.otherBytes = journalBytes(dataDirectory)
      lookAside()
      const look = (): void => {
        lookAside()
        orphansDue = true
        schedule(gathering)
      }
      if (journal.otherBytes > 0) look()
      orphanTimer = setInterval(look, orphanInterval)
      orphanTimer.unref()
    },
    async flush() {
      hurry = true
      try {
        await running?.catch(() => undefined)
        await run()
      } finally {
        hurry = false
      }
    },
    async close() {
      clearInterval(orphanTimer)
      clearTimeout(timer)
      closed = true
      if (journal.waiting > 0 || running !== undefined) {
        const last = new AbortController()
        await Promise.race([this.flush().catch(() => undefined), restUntil(lastTry, last.signal)])
        last.abort()
      }
      journal.close()
    },
  }
}

interface Readable {
  /** As it stands in the journal of its writer. */
  readonly text: string
  readonly writer: string
  readonly entry: UsageEntry
  readonly unpriced: boolean
}

/** As many as fit into a step, found out little by little. */
function nextBatch({ longestStep, smallestBatch }: Pace, batch: number, took: number): number {
  const fitting = Math.round((batch * longestStep) / Math.max(took, 0.1))
  return Math.max(smallestBatch, Math.min(largestBatch, fitting, batch * 2))
}

function rest(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}

function restUntil(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
