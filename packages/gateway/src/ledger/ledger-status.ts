import type { LedgerConfig } from 'sluice'
import type { Journal } from './journal.ts'

/** How the ledger does, for health and alerts. */
export interface LedgerStatus {
  /**
   * `behind`: the database cannot be written to, and records gather in the journal; `full`: there is no more room for them
   * there; `failing`: the journal cannot be written.
   */
  readonly state: 'ok' | 'behind' | 'full' | 'failing'
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
}

export function describeLedger(
  journal: Journal,
  databaseFailure: unknown,
  { maxJournalBytes, whenFull }: LedgerConfig,
): LedgerStatus {
  const { failure, full, bytes, waiting, dropped, lost } = journal
  const figures = { journal_bytes: bytes, max_journal_bytes: maxJournalBytes, waiting, dropped, lost }
  if (failure !== undefined)
    return { state: 'failing', reason: `The journal cannot be written: ${messageOf(failure)}`, ...figures }
  if (full) {
    const then = whenFull === 'refuse' ? 'requests are refused' : 'the oldest records are dropped'
    return { state: 'full', reason: `The journal has reached ledger.max_journal_bytes: ${then}.`, ...figures }
  }
  if (databaseFailure !== undefined)
    return { state: 'behind', reason: `The database cannot be written: ${messageOf(databaseFailure)}`, ...figures }
  return { state: 'ok', reason: null, ...figures }
}

function messageOf(failure: unknown): string {
  if (!(failure instanceof Error)) return 'unknown reason'
  // A database's own words may name hosts and users; its code tells enough.
  const { code } = failure as NodeJS.ErrnoException
  return code ?? failure.message
}
