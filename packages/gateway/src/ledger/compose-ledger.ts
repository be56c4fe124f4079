import { noUsage, SluiceError } from '@sluice/protocol'
import type { Logger } from 'pino'
import { type Cost, costOf, type Engine, type LedgerConfig } from 'sluice'
import type { Authenticate } from '../pipeline/authenticate.ts'
import type { BegunStream, LedgerRecord } from '../pipeline/meter.ts'
import type { LazyDatabase } from '../stores/lazy-database.ts'
import { createAsideRecords } from './aside-records.ts'
import { Journal } from './journal.ts'
import { createLineEncoder } from './journal-line.ts'
import { describeLedger, type LedgerStatus } from './ledger-status.ts'
import type { LedgerStore } from './ledger-store.ts'
import { createLedgerWriter } from './ledger-writer.ts'
import { createRetention } from './retention.ts'
import type { UsageEntry } from './usage-entry.ts'

/** Keeps what every request used, so that nothing is lost of it. */
export interface Ledger {
  /**
   * To be called before the answer's last byte goes out: the record is with the operating system then, or, where it is
   * `gathered`, when `whenWritten` calls back.
   */
  readonly record: (record: LedgerRecord) => void
  readonly whenWritten: (send: () => void) => void
  /** A stream begins, which is kept even if the process ends in the middle. @returns the number of its record. */
  readonly begin: (stream: BegunStream) => number
  /** Takes over what processes left behind that are no more. */
  start(): void
  /** Lets nobody in while there is no room for what they use, where config says so. */
  guard(authenticate: Authenticate): Authenticate
  status(): LedgerStatus
  /** With the latest records in it, unless the database is far behind. */
  store(): Promise<LedgerStore>
  /** Resolves when all that ended is in the database. */
  flush(): Promise<void>
  close(): Promise<void>
}

export interface LedgerParts {
  readonly config: LedgerConfig
  /** The data directory, which the journal is in. */
  readonly directory: string
  readonly database: Pick<LazyDatabase, 'open' | 'shared'>
  readonly engine: Pick<Engine, 'registry' | 'facts'>
  /** Whether this process removes what is old: one of several will do. */
  readonly removesOld: boolean
  readonly logger: Logger
  /** Unix milliseconds. */
  readonly now: () => number
  /** Hears of a state that operators want to know of, and of its end. */
  readonly tell: (event: 'ledger.failing' | 'ledger.full' | 'ledger.recovered', reason: string) => void
}

/** Records that a reader waits for; more would take too long. */
const worthWaitingFor = 5_000

/** `undefined` where config switches it off. */
export function composeLedger(parts: LedgerParts): Ledger | undefined {
  const { config, directory, database, engine, logger, now, tell } = parts
  if (!config.enabled) return undefined

  const { facts, registry } = engine
  const encoder = createLineEncoder()
  let numbers = 0
  let told: 'ledger.failing' | 'ledger.full' | undefined

  const journal = new Journal({
    dataDirectory: directory,
    maxBytes: config.maxJournalBytes,
    dropOldest: config.whenFull === 'drop-oldest',
    pending: () => writer.wake(),
    failed: watch,
    now,
  })
  const aside = createAsideRecords(directory, config.maxJournalBytes)
  const opened = async (): Promise<LedgerStore> => {
    const [{ createLedgerStore }, open] = await Promise.all([import('./database-ledger-store.ts'), database.open()])
    store ??= createLedgerStore(open)
    if (parts.removesOld) retention.start()
    return store
  }
  const writer = createLedgerWriter({
    journal,
    dataDirectory: directory,
    aside,
    store: opened,
    shared: database.shared,
    price: lateCost,
    logger,
    changed: watch,
  })
  const retention = createRetention({ config, store: opened, logger, now })
  let store: LedgerStore | undefined

  async function lateCost(entry: UsageEntry): Promise<UsageEntry> {
    const { provider: id, model, usage, startedAt } = entry
    const provider = id === null ? undefined : registry.addresses.find(id)
    if (usage === null || provider === undefined || model === null) return entry
    await facts.load().catch(() => undefined)
    const { processing } = usage
    const cost = costOf({ ...noUsage, ...usage }, registry.priceOf(provider, model), { when: startedAt, processing })
    return { ...entry, cost: entryCost(cost) }
  }

  /** Tells of what changed for the worse or the better, once. */
  function watch(): void {
    const { state, reason } = status()
    const news = state === 'full' ? 'ledger.full' : state === 'ok' ? undefined : 'ledger.failing'
    if (news === told) return
    told = news
    if (news === undefined) {
      logger.info('The ledger is written again.')
      tell('ledger.recovered', 'records are written again')
    } else {
      logger.error({ state, reason }, 'The ledger cannot be written as it should.')
      tell(news, reason ?? state)
    }
  }

  function status(): LedgerStatus {
    return describeLedger(journal, aside, writer.failure, config)
  }

  return {
    record(record) {
      const number = record.entry ?? ++numbers
      const line = encoder.ended(number, record, facts.revision() > 0)
      if (record.gathered) journal.gather(line)
      else journal.append(line)
      if (record.entry !== undefined) journal.end(number)
      if (told !== undefined || journal.full) watch()
    },
    whenWritten: (send) => journal.whenWritten(send),
    begin(stream) {
      const number = ++numbers
      journal.begin(number, encoder.begun(number, stream))
      return number
    },
    start: () => writer.start(),
    guard(authenticate) {
      if (config.whenFull !== 'refuse') return authenticate
      return (request) => {
        if (journal.full || journal.failure !== undefined) {
          // Otherwise nobody would ever find out that it can be written to again.
          journal.recover()
          if (journal.full || journal.failure !== undefined) throw noRoom()
        }
        return authenticate(request)
      }
    },
    status,
    async store() {
      if (journal.waiting <= worthWaitingFor) await writer.flush().catch(() => undefined)
      return opened()
    },
    flush: () => writer.flush(),
    async close() {
      retention.close()
      await writer.close()
    },
  }
}

function entryCost(cost: Cost): UsageEntry['cost'] {
  if (cost.state === 'unpriced') return { source: 'unpriced', nanoDollars: null, priceVersion: null }
  const { state, source, nanoDollars, priceVersion } = cost
  return { source: state === 'estimated' ? 'estimated' : source, nanoDollars, priceVersion }
}

function noRoom(): SluiceError {
  return new SluiceError(
    'store_unavailable',
    'What requests use cannot be written down at the moment, and this gateway lets none pass unwritten (`ledger.when_full: refuse`). Its operator must see to its database or disk.',
  )
}
