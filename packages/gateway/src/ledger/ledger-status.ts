import type { LedgerConfig } from 'sluice'
import type { AsideRecords } from './aside-records.ts'
import type { Journal } from './journal.ts'

/** How the ledger does, for health and alerts. */
export interface LedgerStatus {
  /**
   * `behind`: the database cannot be written to, and records gather in the journal; `full`: there is no more room for them
   * there; `failing`: the journal cannot be written; `aside`: all of this is well, but records that the database refuses
   * lie in `ledger/aside`.
   */
  readonly state: 'ok' | 'aside' | 'behind' | 'full' | 'failing'
  /** For people; `null` when all is well. */
  readonly reason: string | null
  readonly journal_bytes: number
  readonly max_journal_bytes: number
  /** Records that are in the journal only. */
  readonly waiting: number
  /** Records that had to make room for later ones, since the start. */
  readonly dropped: number
  /** Records that could not be written anywhere, since the start. */
  readonly lost: number
  /** Records that the database refused and that were put aside, since the start. */
  readonly aside: number
}

export function describeLedger(
  journal: Journal,
  aside: AsideRecords,
  databaseFailure: unknown,
  { maxJournalBytes, whenFull }: LedgerConfig,
): LedgerStatus {
  const { failure, full, bytes, waiting, dropped, lost } = journal
  const figures = {
    journal_bytes: bytes,
    max_journal_bytes: maxJournalBytes,
    waiting,
    dropped,
    lost,
    aside: aside.count,
  }
  if (failure !== undefined)
    return { state: 'failing', reason: `The journal cannot be written: ${messageOf(failure)}`, ...figures }
  if (full) {
    const then = whenFull === 'refuse' ? 'requests are refused' : 'the oldest records are dropped'
    return { state: 'full', reason: `The journal has reached ledger.max_journal_bytes: ${then}.`, ...figures }
  }
  if (databaseFailure !== undefined)
    return { state: 'behind', reason: `The database cannot be written: ${messageOf(databaseFailure)}`, ...figures }
  if (aside.bytes > 0)
    return { state: 'aside', reason: 'The database refuses records, which lie in ledger/aside.', ...figures }
  return { state: 'ok', reason: null, ...figures }
}

function messageOf(failure: unknown): string {
  if (!(failure instanceof Error)) return 'unknown reason'
  // A database's own words may name hosts and users; its code tells enough.
  const { code } = failure as NodeJS.ErrnoException
  return code ?? failure.message
}
