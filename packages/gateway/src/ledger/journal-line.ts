import { inputClasses, outputClasses, type Usage } from '@sluice/protocol'
import type { Attempt, Cost, Target } from 'sluice'
import type { Principal } from '../pipeline/principal.ts'
import type { BegunStream, LedgerRecord } from '../pipeline/meter.ts'
import type { EntryAttempt, EntryCost, EntryUsage, UsageEntry } from './usage-entry.ts'

/**
 * The journal's lines: one JSON array each, of a format's number and then values by their places, since one is written on the
 * way of every request. The numbers of released formats keep their meaning: what an older process left behind is read too.
 */
const ended = 1
const begun = 2

const longestName = 256

const tokenClasses = [...inputClasses, ...outputClasses] as const

/** What a line says. */
export type JournalLine =
  | {
      readonly kind: 'ended'
      readonly number: number
      readonly entry: UsageEntry
      /** The cost is still to be worked out: prices were not there yet. */
      readonly unpriced: boolean
    }
  /** A stream that began: what is known of it in case that its end is never written. */
  | { readonly kind: 'begun'; readonly number: number; readonly entry: UsageEntry }

export interface LineEncoder {
  ended(number: number, record: LedgerRecord, pricesKnown: boolean): string
  begun(number: number, stream: BegunStream): string
}

/** By hand, and with what seldom changes made once: a third of what `JSON.stringify` takes. */
export function createLineEncoder(): LineEncoder {
  const callers = new WeakMap<Principal, string>()
  const targets = new WeakMap<Target, string>()

  function callerOf(caller: Principal): string {
    let text = callers.get(caller)
    if (text === undefined) {
      text = encodeScopes(caller)
      callers.set(caller, text)
    }
    return text
  }

  function targetOf(target: Target): string {
    let text = targets.get(target)
    if (text === undefined) {
      text = `${JSON.stringify(target.provider.id)},${JSON.stringify(target.model)}`
      targets.set(target, text)
    }
    return text
  }

  return {
    ended(number, record, pricesKnown) {
      const { calls, target } = record
      const where = target === undefined ? `${orNull(record.provider)},${orNull(record.model)}` : targetOf(target)
      // Request ids, operations, outcomes and codes are made of letters that JSON leaves as they are.
      return (
        `[${ended},${number},${record.startedAt},"${record.requestId}",${callerOf(record.caller)},` +
        `"${record.operation}",${asNamed(record.requestedModel)},${where},${record.stream ? 1 : 0},"${record.outcome}",` +
        `${plain(record.errorCode)},${record.cached ? unpaid : `${encodeUsage(record.usage, record.processing)},${encodeCost(record.cost, pricesKnown)}`},` +
        `${plain(record.finishReason)},${Math.round(record.duration)},` +
        `${record.firstToken === undefined ? 'null' : Math.round(record.firstToken)},` +
        `${record.operation === 'raw' ? Math.round(record.duration) : encodeAttempts(calls, targetOf)}]\n`
      )
    },
    begun: (number, { requestId, caller, operation, requestedModel, target, startedAt }) =>
      `[${begun},${number},${startedAt},"${requestId}",${callerOf(caller)},"${operation}",${asNamed(requestedModel)},${targetOf(target)}]\n`,
  }
}

/** Whose request it is: the one place that copies it. */
function encodeScopes({ id, organisation, workspace, user, tags }: Principal): string {
  const scopes = [id, organisation ?? null, workspace?.id ?? null, workspace?.kind ?? null, user ?? null, tags ?? []]
  return JSON.stringify(scopes).slice(1, -1)
}

/** Of an answer that is given again: nothing was used, and nothing is owed. */
const unpaid = `[0${',0'.repeat(tokenClasses.length)}],["cache",0]`

function encodeUsage(usage: Usage | undefined, processing: string | undefined): string {
  if (usage === undefined) return 'null'
  let text = usage.estimated === true ? '[1' : '[0'
  for (const name of tokenClasses) text += `,${usage[name]}`
  const { searches, audioSeconds, characters } = usage
  if (searches === undefined && audioSeconds === undefined && characters === undefined && processing === undefined)
    return `${text}]`
  return `${text},${searches ?? 'null'},${audioSeconds ?? 'null'},${characters ?? 'null'},${orNull(processing)}]`
}

function encodeCost(cost: Cost | undefined, pricesKnown: boolean): string {
  if (cost === undefined) return 'null'
  if (cost.state === 'unpriced') return pricesKnown ? '["unpriced"]' : '[]'
  const source = cost.state === 'estimated' ? 'estimated' : cost.source
  return cost.priceVersion === null
    ? `["${source}",${cost.nanoDollars}]`
    : `["${source}",${cost.nanoDollars},"${cost.priceVersion}"]`
}

/** One that was answered is told by its time alone: its target stands before it already. */
function encodeAttempts(calls: readonly Attempt[], targetOf: (target: Target) => string): string {
  if (calls.length === 1 && calls[0]!.error === undefined && calls[0]!.abandoned !== true)
    return String(Math.round(calls[0]!.endedAt - calls[0]!.startedAt))
  return `[${calls
    .map(({ target, startedAt, endedAt, error, abandoned }) => {
      const outcome = abandoned === true ? 'abandoned' : error === undefined ? 'answered' : 'failed'
      const status = error?.upstream?.status ?? 'null'
      return `[${targetOf(target)},"${outcome}",${plain(error?.code)},${status},${Math.round(endedAt - startedAt)}]`
    })
    .join(',')}]`
}

/** Callers name what they like, at any length. */
function asNamed(model: string | undefined): string {
  return orNull(model === undefined || model.length <= longestName ? model : model.slice(0, longestName))
}

function orNull(text: string | null | undefined): string {
  return text === undefined || text === null ? 'null' : JSON.stringify(text)
}

function plain(word: string | undefined): string {
  return word === undefined ? 'null' : `"${word}"`
}

/**
 * @param writer names the process that wrote the line.
 * @returns `undefined` for what is no line of a format that is known here.
 */
export function decodeLine(text: string, writer: string): JournalLine | undefined {
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Array.isArray(line) || line.length < 14 || typeof line[1] !== 'number') return undefined
  const [kind, number] = line as [unknown, number]
  const begin = beginning(`${writer}-${number.toString(36)}`, line)
  if (kind === begun) return { kind: 'begun', number, entry: begin }
  if (kind !== ended || line.length < 23) return undefined
  const [stream, outcome, errorCode, usage, cost, finishReason, duration, firstToken, calls] = line.slice(14) as Tail
  return {
    kind: 'ended',
    number,
    unpriced: cost?.length === 0,
    entry: {
      ...begin,
      stream: stream === 1,
      outcome,
      errorCode,
      usage: usage === null ? null : decodeUsage(usage),
      cost: cost === null ? null : decodeCost(cost),
      finishReason,
      duration,
      firstToken,
      attempts: decodeAttempts(calls, begin),
    },
  }
}

type UsageTuple = readonly (number | string | null)[]
type CostTuple = readonly [source?: EntryCost['source'], nanoDollars?: number, priceVersion?: string]
type AttemptTuple = readonly [
  provider: string,
  model: string,
  outcome: EntryAttempt['outcome'],
  errorCode: string | null,
  status: number | null,
  duration: number,
]
type Tail = [
  stream: number,
  outcome: UsageEntry['outcome'],
  errorCode: string | null,
  usage: UsageTuple | null,
  cost: CostTuple | null,
  finishReason: string | null,
  duration: number | null,
  firstToken: number | null,
  calls: number | readonly AttemptTuple[],
]
type Head = [
  startedAt: number,
  requestId: string,
  principal: string,
  organisation: string | null,
  workspace: string | null,
  workspaceKind: string | null,
  user: string | null,
  tags: readonly string[],
  operation: string,
  requestedModel: string | null,
  provider: string | null,
  model: string | null,
]

/** As it stands when its end is never heard of. */
function beginning(id: string, line: readonly unknown[]): UsageEntry {
  const head = line.slice(2, 14) as unknown as Head
  const [startedAt, requestId, principal, organisation, workspace, workspaceKind, user, tags, operation] = head
  return {
    id,
    requestId,
    startedAt,
    principal,
    organisation,
    workspace,
    workspaceKind,
    user,
    tags,
    operation,
    requestedModel: head[9],
    provider: head[10],
    model: head[11],
    stream: true,
    outcome: 'interrupted',
    errorCode: null,
    usage: null,
    cost: null,
    finishReason: null,
    duration: null,
    firstToken: null,
    attempts: [],
  }
}

function decodeUsage(tuple: UsageTuple): EntryUsage {
  const usage: Record<string, unknown> = {}
  for (let index = 0; index < tokenClasses.length; index++) usage[tokenClasses[index]!] = tuple[index + 1]
  const [searches, audioSeconds, characters, processing] = tuple.slice(tokenClasses.length + 1)
  return {
    ...(usage as Record<(typeof tokenClasses)[number], number>),
    ...(tuple[0] === 1 && { estimated: true }),
    ...(typeof searches === 'number' && { searches }),
    ...(typeof audioSeconds === 'number' && { audioSeconds }),
    ...(typeof characters === 'number' && { characters }),
    processing: typeof processing === 'string' ? processing : null,
  }
}

function decodeCost([source = 'unpriced', nanoDollars, priceVersion]: CostTuple): EntryCost {
  return { source, nanoDollars: nanoDollars ?? null, priceVersion: priceVersion ?? null }
}

function decodeAttempts(calls: Tail[8], { provider, model }: UsageEntry): readonly EntryAttempt[] {
  if (typeof calls === 'number') {
    const plainCall = { outcome: 'answered', errorCode: null, status: null, duration: calls } as const
    return [{ provider: provider ?? '', model: model ?? '', ...plainCall }]
  }
  return calls.map(([called, asked, outcome, errorCode, status, duration]) => ({
    provider: called,
    model: asked,
    outcome,
    errorCode,
    status,
    duration,
  }))
}
