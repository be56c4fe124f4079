import type { Column } from './case.ts'
import { median, ratioOf } from './measure/statistics.ts'

/** What the project promises of Sluice, and how a run shows it. */
export interface Target {
  readonly text: string
  /** Case and column that it reads: the median of the rounds. */
  readonly case: string
  readonly column: string
  /** Whose figure it is. Default: `sluice`. */
  readonly of?: string
  /** The other contender that it is a ratio to; absent, the figure itself counts. */
  readonly relativeTo?: string
  /** The other column of Sluice's own that it is a ratio to. */
  readonly relativeToColumn?: string
  readonly atMost: number
  readonly unit: string
}

export const targets: readonly Target[] = [
  {
    text: 'non-streaming, CPU per request, at most 1.25 × the Node floor',
    case: 'non-streaming',
    column: 'CPU per request',
    relativeTo: 'floor',
    atMost: 1.25,
    unit: '×',
  },
  {
    text: 'non-streaming with everything on, at most 1.4 × the Node floor',
    case: 'non-streaming',
    column: 'CPU per request',
    of: 'sluice-complete',
    relativeTo: 'floor',
    atMost: 1.4,
    unit: '×',
  },
  {
    text: 'the same on PostgreSQL and Redis, at most 2 × the Node floor',
    case: 'non-streaming',
    column: 'CPU per request',
    of: 'sluice-shared',
    relativeTo: 'floor',
    atMost: 2,
    unit: '×',
  },
  {
    text: "non-streaming, CPU per request, at most a tenth of Portkey's as it is shipped (Node 20)",
    case: 'non-streaming',
    column: 'CPU per request',
    relativeTo: 'portkey',
    atMost: 0.1,
    unit: '×',
  },
  {
    text: 'a route of one target adds nothing that counts',
    case: 'routes',
    column: 'added by a route of one',
    atMost: 1,
    unit: 'µs',
  },
  {
    text: 'a route that is weighted over 8 targets adds at most 5 µs',
    case: 'routes',
    column: 'added by weighted over 8',
    atMost: 5,
    unit: 'µs',
  },
  {
    text: 'a route to the lowest latency of 8 targets adds at most 5 µs',
    case: 'routes',
    column: 'added by lowest latency of 8',
    atMost: 5,
    unit: 'µs',
  },
  {
    text: 'streaming at capacity, CPU per stream of 100 chunks, at most 1.25 × nginx',
    case: 'streaming-burst',
    column: 'CPU per stream',
    relativeTo: 'nginx',
    atMost: 1.25,
    unit: '×',
  },
  {
    text: 'streaming with every chunk on its own, at most 1.25 × the Node floor',
    case: 'streaming',
    column: 'CPU per stream',
    relativeTo: 'floor',
    atMost: 1.25,
    unit: '×',
  },
  {
    text: 'streams translated for Anthropic callers, CPU per stream, at most 3 × relayed ones',
    case: 'translated-streaming',
    column: 'OpenAI provider, Anthropic caller',
    relativeToColumn: 'relayed',
    atMost: 3,
    unit: '×',
  },
  {
    text: 'streams translated from Anthropic providers, the same',
    case: 'translated-streaming',
    column: 'Anthropic provider, OpenAI caller',
    relativeToColumn: 'relayed',
    atMost: 3,
    unit: '×',
  },
  {
    text: 'added time to the first byte below 1 ms at the median',
    case: 'first-byte',
    column: 'added',
    atMost: 1,
    unit: 'ms',
  },
  {
    text: '20 short streams in a row, none above 10 ms (the median row)',
    case: 'short-streams',
    column: 'longest of a row',
    atMost: 10,
    unit: 'ms',
  },
  {
    text: 'idle memory below 110 MB',
    case: 'start-up',
    column: 'idle memory',
    atMost: 110,
    unit: 'MB',
  },
  {
    text: 'ready within 0.6 s of process start, nothing compiled before',
    case: 'start-up',
    column: 'first start',
    atMost: 600,
    unit: 'ms',
  },
  {
    text: 'ready within 0.6 s of process start, started before',
    case: 'start-up',
    column: 'second start',
    atMost: 600,
    unit: 'ms',
  },
]

export interface Verdict {
  readonly target: Target
  /** Undefined when the run did not measure it. */
  readonly value: number | undefined
  readonly held: boolean
}

export function judge(results: readonly { readonly id: string; readonly columns: readonly Column[] }[]): Verdict[] {
  return targets.map((target) => {
    const columns = results.find(({ id }) => id === target.case)?.columns
    const roundsOf = (wanted: string): Column['rounds'] | undefined =>
      columns?.find(({ name }) => name === wanted)?.rounds
    const { of = 'sluice' } = target
    const own = roundsOf(target.column)?.[of]
    const relative = target.relativeTo !== undefined || target.relativeToColumn !== undefined
    const other = roundsOf(target.relativeToColumn ?? target.column)?.[target.relativeTo ?? of]
    if (own === undefined || (relative && other === undefined)) return { target, value: undefined, held: false }
    const value = relative && other !== undefined ? ratioOf(own, other) : median(own)
    return { target, value, held: value <= target.atMost }
  })
}
