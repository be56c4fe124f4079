import * as z from 'zod/mini'
import type { LedgerConfig } from './config.ts'
import { boolean, integer, type Shape } from './scalars.ts'
import { settingsBelow } from './settings.ts'
import type { Origin } from './sourced.ts'

/** `ledger:`; times in seconds. */
export interface LedgerSettings {
  /** Keep what every request used. Default `true`. */
  readonly enabled?: boolean | undefined
  /** Of what is written down while the database cannot be. Default 1 GiB. */
  readonly max_journal_bytes?: number | undefined
  /** What gives way then. Default `drop-oldest`. */
  readonly when_full?: 'drop-oldest' | 'refuse' | undefined
  /** Default 90 days; 0: for ever. */
  readonly keep_records?: number | undefined
  /** Of the sums of days. Default 0: for ever. */
  readonly keep_sums?: number | undefined
}

const mostSeconds = 3_153_600_000

export const ledgerSchema = (): z.ZodMiniType<LedgerSettings> =>
  z.strictObject({
    enabled: z.optional(boolean),
    max_journal_bytes: z.optional(integer(1024 * 1024)),
    when_full: z.optional(z.enum(['drop-oldest', 'refuse'])),
    keep_records: z.optional(integer(0, mostSeconds)),
    keep_sums: z.optional(integer(0, mostSeconds)),
  } satisfies Shape<LedgerSettings>)

export function buildLedger(
  settings: LedgerSettings | null | undefined,
  origin: Origin,
  origins: Map<string, string>,
): LedgerConfig {
  const value = settingsBelow(['ledger'], origin, origins)
  const said = settings ?? {}
  return Object.freeze({
    enabled: value('enabled', said.enabled, true),
    maxJournalBytes: value('max_journal_bytes', said.max_journal_bytes, 1024 * 1024 * 1024),
    whenFull: value('when_full', said.when_full, 'drop-oldest'),
    keepRecords: value('keep_records', said.keep_records, 90 * 24 * 60 * 60) * 1000,
    keepSums: value('keep_sums', said.keep_sums, 0) * 1000,
  })
}
