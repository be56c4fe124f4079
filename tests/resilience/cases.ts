import { type Caller, callers, eventsOf, textOf } from './callers.ts'
import { faults, faultsAfter, type FaultRule, silenceAfter, type Stage } from './faults.ts'

/**
 * `alone`: one target, which fails always and may be asked twice. `once`: it fails the first time only.
 * `route`: a second target is well. `fallback`: that is asked for this kind of failure only.
 */
export type Setup = 'alone' | 'once' | 'route' | 'fallback'

export interface Case {
  /** The model that the caller names, and the provider hears. */
  readonly model: string
  readonly rule: FaultRule
  readonly caller: Caller
  /** What the failing provider speaks. */
  readonly spoken: Caller
  readonly stream: boolean
  readonly setup: Setup
  readonly stage: Stage
}

/** The events of a good stream of each dialect, by id. */
export type GoodStreams = ReadonlyMap<string, readonly string[]>

/** Every fault for every caller, streaming and not, whose provider speaks their dialect or another. */
export function casesFor(streams: GoodStreams): readonly Case[] {
  const cases: Case[] = []
  for (const caller of callers) {
    for (const spoken of spokenTo(caller)) {
      for (const stream of caller.dialect === undefined ? [false] : [true, false]) {
        for (const rule of rulesFor(caller, spoken, stream, streams)) {
          for (const setup of setupsFor(rule)) {
            const stage = stageOf(rule, caller, spoken, streams)
            cases.push({ model: `case-${cases.length}`, rule, caller, spoken, stream, setup, stage })
          }
        }
      }
    }
  }
  return cases
}

function spokenTo(caller: Caller): readonly Caller[] {
  const [chat] = callers
  return chat === undefined || caller.dialect === undefined || caller === chat ? [caller] : [caller, chat]
}

function rulesFor(caller: Caller, spoken: Caller, stream: boolean, streams: GoodStreams): readonly FaultRule[] {
  const usual = faults.filter(
    ({ only, chatOnly }) =>
      (only === undefined || (only === 'streaming') === stream) && (chatOnly === undefined || caller.dialect),
  )
  if (!stream) return usual
  const count = streams.get(spoken.id)?.length ?? 0
  const points = Array.from({ length: count }, (_, index) => index)
  const said = points.find((events) => stageAfter(events, spoken, streams) === 'amid') ?? 0
  const inStream = points.flatMap(faultsAfter).filter(({ fault, after = 0 }) => {
    // What comes where nothing is missing any more is no failure, or one that is not this table's business.
    const missing = fault !== 'refuse' && 'kind' in fault && (fault.kind === 'cut' || fault.kind === 'truncate')
    return missing || stageAfter(after + 1, spoken, streams) !== 'never'
  })
  return [...usual, ...inStream, silenceAfter(said - 1), silenceAfter(said)]
}

function setupsFor({ fallback }: FaultRule): readonly Setup[] {
  return fallback === undefined ? ['alone', 'once', 'route'] : ['alone', 'once', 'route', 'fallback']
}

function stageOf(rule: FaultRule, caller: Caller, spoken: Caller, streams: GoodStreams): Stage {
  if (rule.garbled === true && caller === spoken) return 'never'
  return rule.stage ?? stageAfter(rule.after ?? 0, spoken, streams)
}

/** By what a client of the provider would have made of so many events. */
function stageAfter(count: number, { id, dialect }: Caller, streams: GoodStreams): Stage {
  if (dialect === undefined) return 'before'
  const events = eventsOf(dialect, (streams.get(id) ?? []).slice(0, count).join(''))
  if (events.some(({ type }) => type === 'message-end')) return 'never'
  return textOf(events) === '' ? 'before' : 'amid'
}
