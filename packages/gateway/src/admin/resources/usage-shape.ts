import * as z from 'zod/mini'
import type { UsageSum } from '../../ledger/ledger-store.ts'
import type { UsageEntry } from '../../ledger/usage-entry.ts'
import { type CountName, countColumns } from '../../ledger/usage-rows.ts'
import { timeOf } from '../shapes.ts'

/** What can be grouped by, as the API names it. */
export const groupNames: {
  readonly key_id: 'principal'
  readonly organisation_id: 'organisation'
  readonly workspace_id: 'workspace'
  readonly user_id: 'user'
  readonly provider: 'provider'
  readonly model: 'model'
  readonly operation: 'operation'
  readonly tag: 'tag'
} = {
  key_id: 'principal',
  organisation_id: 'organisation',
  workspace_id: 'workspace',
  user_id: 'user',
  provider: 'provider',
  model: 'model',
  operation: 'operation',
  tag: 'tag',
}

const counts = Object.entries(countColumns) as readonly [CountName, string][]
const amount = z.int().check(z.minimum(0))
const word = z.nullable(z.string())

/** Disjoint: no token is counted in two of them. */
const countShape = z.object(Object.fromEntries(counts.map(([, column]) => [column, z.optional(amount)])))

export const sumShape: z.ZodMiniType = z.object({
  period: word,
  ...Object.fromEntries(Object.keys(groupNames).map((name) => [name, z.optional(word)])),
  requests: amount,
  failed: amount,
  aborted: amount,
  attempts: amount,
  cost_usd: z.number(),
  cost_nano_usd: amount,
  unpriced: amount,
  uncounted: amount,
  estimated: amount,
  average_duration_ms: z.number(),
  usage: countShape,
})

export const recordShape: z.ZodMiniType = z.object({
  id: z.string(),
  object: z.literal('usage_record'),
  request_id: z.string(),
  at: z.string(),
  key_id: z.string(),
  organisation_id: word,
  workspace_id: word,
  workspace_kind: word,
  user_id: word,
  tags: z.array(z.string()),
  operation: z.string(),
  requested_model: word,
  provider: word,
  model: word,
  stream: z.boolean(),
  outcome: z.enum(['ok', 'error', 'cut', 'aborted', 'interrupted']),
  error_code: word,
  usage: z.nullable(countShape),
  estimated: z.nullable(z.boolean()),
  processing: word,
  cost_usd: z.nullable(z.number()),
  cost_nano_usd: z.nullable(amount),
  cost_source: word,
  price_version: word,
  finish_reason: word,
  duration_ms: z.nullable(amount),
  time_to_first_token_ms: z.nullable(amount),
  attempts: z.array(
    z.object({
      provider: z.string(),
      model: z.string(),
      outcome: z.enum(['answered', 'failed', 'abandoned']),
      error_code: word,
      status: z.nullable(z.int()),
      duration_ms: amount,
    }),
  ),
})

export function describeSum(sum: UsageSum): object {
  const groups = Object.entries(groupNames).flatMap(([name, group]) =>
    group in sum.group ? [[name, sum.group[group] ?? null] as const] : [],
  )
  return {
    period: sum.period === null ? null : timeOf(sum.period),
    ...Object.fromEntries(groups),
    requests: sum.requests,
    failed: sum.failed,
    aborted: sum.aborted,
    attempts: sum.attempts,
    cost_usd: sum.nanoDollars / 1e9,
    cost_nano_usd: sum.nanoDollars,
    unpriced: sum.unpriced,
    uncounted: sum.uncounted,
    estimated: sum.estimated,
    average_duration_ms: Math.round(sum.duration / sum.requests),
    usage: Object.fromEntries(counts.map(([name, column]) => [column, sum[name]])),
  }
}

export function describeRecord(entry: UsageEntry): object {
  const { usage, cost } = entry
  return {
    id: entry.id,
    object: 'usage_record',
    request_id: entry.requestId,
    at: timeOf(entry.startedAt),
    key_id: entry.principal,
    organisation_id: entry.organisation,
    workspace_id: entry.workspace,
    workspace_kind: entry.workspaceKind,
    user_id: entry.user,
    tags: entry.tags,
    operation: entry.operation,
    requested_model: entry.requestedModel,
    provider: entry.provider,
    model: entry.model,
    stream: entry.stream,
    outcome: entry.outcome,
    error_code: entry.errorCode,
    usage: usage && Object.fromEntries(counts.map(([name, column]) => [column, usage[name] ?? 0])),
    estimated: usage && usage.estimated === true,
    processing: usage?.processing ?? null,
    cost_usd: cost === null || cost.nanoDollars === null ? null : cost.nanoDollars / 1e9,
    cost_nano_usd: cost?.nanoDollars ?? null,
    cost_source: cost?.source ?? null,
    price_version: cost?.priceVersion ?? null,
    finish_reason: entry.finishReason,
    duration_ms: entry.duration,
    time_to_first_token_ms: entry.firstToken,
    attempts: entry.attempts.map(({ provider, model, outcome, errorCode, status, duration }) => ({
      provider,
      model,
      outcome,
      error_code: errorCode,
      status,
      duration_ms: duration,
    })),
  }
}
