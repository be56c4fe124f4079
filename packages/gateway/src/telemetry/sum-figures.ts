import type { TargetHealth } from 'sluice'
import type { LedgerStatus } from '../ledger/ledger-status.ts'
import type { ProcessState, ProcessTotals } from './process-view.ts'
import { otherModels } from './series-table.ts'
import type { SecondsFigures, SeriesFigures } from './series.ts'

/** What several processes are together. @param states at least one. */
export function sumStates(states: readonly ProcessState[]): ProcessState {
  const targets = Map.groupBy(
    states.flatMap((state) => state.targets),
    ({ id }) => id,
  )
  const ledgers = states.flatMap(({ ledger }) => ledger ?? [])
  const sum = (read: (state: ProcessState) => number): number => states.reduce((all, one) => all + read(one), 0)
  return {
    targets: Array.from(targets.values(), sumTargets),
    probes: new Map(states.flatMap(({ probes }) => [...probes])),
    ledger: ledgers.length === 0 ? undefined : sumLedgers(ledgers),
    limits: states.map(({ limits }) => limits).find(({ state }) => state !== 'ok') ?? states[0]!.limits,
    open: sum(({ open }) => open),
    residentMemory: sum(({ residentMemory }) => residentMemory),
    uptime: Math.max(...states.map(({ uptime }) => uptime)),
  }
}

/** The same target, as several processes see it: it may be called as long as one of them may. */
function sumTargets(views: readonly TargetHealth[]): TargetHealth {
  const [first] = views as [TargetHealth, ...TargetHealth[]]
  const shut = views.filter(({ available }) => !available)
  const available = shut.length < views.length
  const times = views.flatMap(({ timeToFirstToken }) => timeToFirstToken ?? [])
  const partly = available
    ? shut.map(({ reason }) => `${reason ?? 'may not be called now'} (${shut.length} of ${views.length} workers)`)
    : []
  return {
    id: first.id,
    available,
    circuit: (['closed', 'half-open'] as const).find((state) => views.some((view) => view.circuit === state)) ?? 'open',
    reason: available ? null : first.reason,
    degraded: [...new Set([...views.flatMap(({ degraded }) => degraded), ...partly])],
    active: views.reduce((sum, view) => sum + view.active, 0),
    waiting: views.reduce((sum, view) => sum + view.waiting, 0),
    timeToFirstToken:
      times.length === 0 ? null : Math.round((times.reduce((sum, time) => sum + time, 0) / times.length) * 100) / 100,
  }
}

const standings = ['failing', 'full', 'behind', 'aside', 'ok'] as const

function sumLedgers(ledgers: readonly LedgerStatus[]): LedgerStatus {
  const worst = ledgers.toSorted((one, other) => standings.indexOf(one.state) - standings.indexOf(other.state))[0]!
  const sum = (read: (status: LedgerStatus) => number): number => ledgers.reduce((all, one) => all + read(one), 0)
  return {
    ...worst,
    // Each counts the journals of all.
    journal_bytes: Math.max(...ledgers.map(({ journal_bytes: bytes }) => bytes)),
    waiting: sum(({ waiting }) => waiting),
    dropped: sum(({ dropped }) => dropped),
    lost: sum(({ lost }) => lost),
    aside: sum(({ aside }) => aside),
  }
}

/** Series that are told apart; of those beyond, a provider's are one. */
const mostSeries = 3_000

export function addTotals(one: ProcessTotals, other: ProcessTotals): ProcessTotals {
  const series = new Map<string, SeriesFigures>()
  for (const figures of [...one.series, ...other.series]) {
    const { provider, operation } = figures
    let model = figures.model
    let name = `${provider}\n${model}\n${operation}`
    if (series.size >= mostSeries && !series.has(name)) name = `${provider}\n${(model = otherModels)}\n${operation}`
    const known = series.get(name)
    series.set(name, known === undefined ? { ...figures, model } : addSeries(known, figures))
  }
  const { cacheOutcomes } = one
  return {
    series: [...series.values()],
    cacheOutcomes: cacheOutcomes && addCounts(cacheOutcomes, other.cacheOutcomes ?? new Map()),
    opened: addCounts(one.opened, other.opened),
    dropped: one.dropped + other.dropped,
    lost: one.lost + other.lost,
    aside: one.aside + other.aside,
    processorSeconds: one.processorSeconds + other.processorSeconds,
  }
}

function addSeries(one: SeriesFigures, other: SeriesFigures): SeriesFigures {
  const { tokens } = other
  return {
    ...one,
    ok: one.ok + other.ok,
    aborted: one.aborted + other.aborted,
    failures: addCounts(one.failures, other.failures),
    tokens: {
      input: one.tokens.input + tokens.input,
      cacheRead: one.tokens.cacheRead + tokens.cacheRead,
      cacheWrite: one.tokens.cacheWrite + tokens.cacheWrite,
      output: one.tokens.output + tokens.output,
      reasoning: one.tokens.reasoning + tokens.reasoning,
    },
    nanoDollars: one.nanoDollars + other.nanoDollars,
    unpriced: one.unpriced + other.unpriced,
    firstByte: addSeconds(one.firstByte, other.firstByte),
    duration: addSeconds(one.duration, other.duration),
  }
}

function addSeconds(one: SecondsFigures, other: SecondsFigures): SecondsFigures {
  return { counts: one.counts.map((count, index) => count + other.counts[index]!), sum: one.sum + other.sum }
}

function addCounts(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const sums = new Map(one)
  for (const [name, count] of other) sums.set(name, (sums.get(name) ?? 0) + count)
  return sums
}
