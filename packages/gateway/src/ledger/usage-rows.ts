import type { UsageAttemptRow, UsageDailyRow, UsageRecordRow } from '../stores/usage-tables.ts'
import type { EntryAttempt, EntryCost, EntryUsage, UsageEntry } from './usage-entry.ts'

/** What a record counts, by its name there and in the database. */
export const countColumns: {
  readonly input: 'input'
  readonly cacheRead: 'cache_read'
  readonly cacheWrite: 'cache_write'
  readonly cacheWriteLong: 'cache_write_long'
  readonly audioInput: 'audio_input'
  readonly imageInput: 'image_input'
  readonly output: 'output'
  readonly reasoning: 'reasoning'
  readonly audioOutput: 'audio_output'
  readonly imageOutput: 'image_output'
  readonly rejectedPrediction: 'rejected_prediction'
  readonly searches: 'searches'
  readonly audioSeconds: 'audio_seconds'
  readonly characters: 'characters'
} = {
  input: 'input',
  cacheRead: 'cache_read',
  cacheWrite: 'cache_write',
  cacheWriteLong: 'cache_write_long',
  audioInput: 'audio_input',
  imageInput: 'image_input',
  output: 'output',
  reasoning: 'reasoning',
  audioOutput: 'audio_output',
  imageOutput: 'image_output',
  rejectedPrediction: 'rejected_prediction',
  searches: 'searches',
  audioSeconds: 'audio_seconds',
  characters: 'characters',
}

export type CountName = keyof typeof countColumns
export type CountColumn = (typeof countColumns)[CountName]
export type DailySum =
  | 'requests'
  | 'failed'
  | 'aborted'
  | 'attempts'
  | 'uncounted'
  | 'estimated'
  | CountColumn
  | 'nano_dollars'
  | 'unpriced'
  | 'duration_ms'
const counts = Object.entries(countColumns) as readonly [CountName, CountColumn][]

export const millisecondsOfDay: number = 24 * 60 * 60 * 1000

export function dayOf(time: number): number {
  return time - (((time % millisecondsOfDay) + millisecondsOfDay) % millisecondsOfDay)
}

export function toRecordRow(entry: UsageEntry): UsageRecordRow {
  const { usage, cost, attempts } = entry
  return {
    id: entry.id,
    request_id: entry.requestId,
    started_at: entry.startedAt,
    principal: entry.principal,
    organisation: entry.organisation,
    workspace: entry.workspace,
    workspace_kind: entry.workspaceKind,
    user_id: entry.user,
    tags: entry.tags.length === 0 ? null : JSON.stringify(entry.tags),
    operation: entry.operation,
    requested_model: entry.requestedModel,
    provider: entry.provider,
    model: entry.model,
    stream: entry.stream ? 1 : 0,
    outcome: entry.outcome,
    error_code: entry.errorCode,
    input: usage?.input ?? null,
    cache_read: usage?.cacheRead ?? null,
    cache_write: usage?.cacheWrite ?? null,
    cache_write_long: usage?.cacheWriteLong ?? null,
    audio_input: usage?.audioInput ?? null,
    image_input: usage?.imageInput ?? null,
    output: usage?.output ?? null,
    reasoning: usage?.reasoning ?? null,
    audio_output: usage?.audioOutput ?? null,
    image_output: usage?.imageOutput ?? null,
    rejected_prediction: usage?.rejectedPrediction ?? null,
    searches: usage?.searches ?? null,
    audio_seconds: usage?.audioSeconds ?? null,
    characters: usage?.characters ?? null,
    estimated: usage === null ? null : usage.estimated === true ? 1 : 0,
    processing: usage?.processing ?? null,
    nano_dollars: cost?.nanoDollars ?? null,
    cost_source: cost?.source ?? null,
    price_version: cost?.priceVersion ?? null,
    finish_reason: entry.finishReason,
    duration_ms: entry.duration,
    first_token_ms: entry.firstToken,
    attempts: attempts.length,
    answered_ms: isPlain(attempts) ? attempts[0]!.duration : null,
  }
}

/** One call, answered: the record itself says all of it. */
function isPlain(attempts: readonly EntryAttempt[]): boolean {
  return attempts.length === 1 && attempts[0]!.outcome === 'answered'
}

export function toAttemptRows({ id, attempts }: UsageEntry): readonly UsageAttemptRow[] {
  if (isPlain(attempts)) return []
  return attempts.map(({ provider, model, outcome, errorCode, status, duration }, index) => ({
    record_id: id,
    number: index + 1,
    provider,
    model,
    outcome,
    error_code: errorCode,
    status,
    duration_ms: duration,
  }))
}

export function toEntry(row: UsageRecordRow, attempts: readonly UsageAttemptRow[]): UsageEntry {
  const { provider, model, answered_ms: answered } = row
  return {
    id: row.id,
    requestId: row.request_id,
    startedAt: row.started_at,
    principal: row.principal,
    organisation: row.organisation,
    workspace: row.workspace,
    workspaceKind: row.workspace_kind,
    user: row.user_id,
    tags: row.tags === null ? [] : (JSON.parse(row.tags) as string[]),
    operation: row.operation,
    requestedModel: row.requested_model,
    provider,
    model,
    stream: row.stream === 1,
    outcome: row.outcome as UsageEntry['outcome'],
    errorCode: row.error_code,
    usage: toUsage(row),
    cost: toCost(row),
    finishReason: row.finish_reason,
    duration: row.duration_ms,
    firstToken: row.first_token_ms,
    attempts:
      answered === null
        ? attempts.map(toAttempt)
        : [
            {
              provider: provider ?? '',
              model: model ?? '',
              outcome: 'answered',
              errorCode: null,
              status: null,
              duration: answered,
            },
          ],
  }
}

function toAttempt(row: UsageAttemptRow): EntryAttempt {
  const { provider, model, outcome, error_code: errorCode, status, duration_ms: duration } = row
  return { provider, model, outcome: outcome as EntryAttempt['outcome'], errorCode, status, duration }
}

function toUsage(row: UsageRecordRow): EntryUsage | null {
  if (row.estimated === null) return null
  const { searches, audio_seconds: audioSeconds, characters } = row
  return {
    input: row.input ?? 0,
    cacheRead: row.cache_read ?? 0,
    cacheWrite: row.cache_write ?? 0,
    cacheWriteLong: row.cache_write_long ?? 0,
    audioInput: row.audio_input ?? 0,
    imageInput: row.image_input ?? 0,
    output: row.output ?? 0,
    reasoning: row.reasoning ?? 0,
    audioOutput: row.audio_output ?? 0,
    imageOutput: row.image_output ?? 0,
    rejectedPrediction: row.rejected_prediction ?? 0,
    ...(searches !== null && { searches }),
    ...(audioSeconds !== null && { audioSeconds }),
    ...(characters !== null && { characters }),
    ...(row.estimated === 1 && { estimated: true }),
    processing: row.processing,
  }
}

function toCost({ cost_source: source, nano_dollars: nanoDollars, price_version: priceVersion }: UsageRecordRow) {
  return source === null ? null : { source: source as EntryCost['source'], nanoDollars, priceVersion }
}

/** What a day's sums are kept apart by. */
export const dailyKeys = [
  'day',
  'principal',
  'provider',
  'model',
  'operation',
  'organisation',
  'workspace',
  'user_id',
] as const

/** What is summed up. */
export const dailySums: readonly DailySum[] = [
  'requests',
  'failed',
  'aborted',
  'attempts',
  'uncounted',
  'estimated',
  ...counts.map(([, column]) => column),
  'nano_dollars',
  'unpriced',
  'duration_ms',
]

/** The share of these requests in the sums of their days. */
export function toDailyRows(entries: readonly UsageEntry[]): readonly UsageDailyRow[] {
  const rows = new Map<string, { -readonly [Key in keyof UsageDailyRow]: UsageDailyRow[Key] }>()
  for (const entry of entries) {
    const keys = {
      day: dayOf(entry.startedAt),
      principal: entry.principal,
      organisation: entry.organisation ?? '',
      workspace: entry.workspace ?? '',
      user_id: entry.user ?? '',
      provider: entry.provider ?? '',
      model: entry.model ?? '',
      operation: entry.operation,
    }
    const name = JSON.stringify(Object.values(keys))
    let row = rows.get(name)
    if (row === undefined) {
      const sums = Object.fromEntries(dailySums.map((sum) => [sum, 0])) as Record<DailySum, number>
      row = { ...keys, ...sums }
      rows.set(name, row)
    }
    const { usage, cost, outcome } = entry
    row.requests++
    if (outcome === 'error' || outcome === 'cut') row.failed++
    if (outcome === 'aborted' || outcome === 'interrupted') row.aborted++
    row.attempts += entry.attempts.length
    row.duration_ms += entry.duration ?? 0
    if (usage === null) row.uncounted++
    else {
      if (usage.estimated === true) row.estimated++
      for (const [count, column] of counts) row[column] += usage[count] ?? 0
    }
    if (cost?.nanoDollars !== undefined && cost.nanoDollars !== null) row.nano_dollars += cost.nanoDollars
    else if (usage !== null) row.unpriced++
  }
  return [...rows.values()]
}
