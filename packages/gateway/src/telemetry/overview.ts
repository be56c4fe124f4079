import type { Failure, ModelCalls } from './metrics.ts'
import type { HealthEvent } from '../health/health-watch.ts'
import type { ProcessState, ProcessTotals, ProcessView, TraceQuestion } from './process-view.ts'
import { addTotals, sumStates } from './sum-figures.ts'
import type { Trace } from './trace-book.ts'

/** What all processes of this gateway have seen together. */
export interface Overview {
  calls(): Awaitable<readonly ModelCalls[]>
  /** The latest first. */
  failures(): Awaitable<readonly Failure[]>
  /** The latest first. */
  events(): Awaitable<readonly HealthEvent[]>
  state(): Awaitable<ProcessState>
  totals(): Awaitable<ProcessTotals>
  trace(asked: TraceQuestion): Awaitable<Trace | undefined>
}

type Awaitable<T> = T | Promise<T>

/** Asks every process of this gateway, this one too; those that do not answer in time are left out. */
export type AskProcesses = <Part extends keyof ProcessView>(
  part: Part,
  about: Parameters<ProcessView[Part]>[0],
) => Promise<readonly ReturnType<ProcessView[Part]>[]>

/** As many as one process tells of. */
const mostListed = 200

/** @param ask absent where this process is the only one: its own view is all there is. */
export function createOverview(own: ProcessView, ask: AskProcesses | undefined): Overview {
  if (ask === undefined) return own

  async function latest<Entry extends { readonly at: string }>(
    lists: Promise<readonly (readonly Entry[])[]>,
  ): Promise<readonly Entry[]> {
    const all = (await lists).flat()
    return all.toSorted((one, other) => (one.at < other.at ? 1 : one.at > other.at ? -1 : 0)).slice(0, mostListed)
  }

  return {
    calls: async () => (await ask('calls', undefined)).flat(),
    failures: () => latest(ask('failures', undefined)),
    events: () => latest(ask('events', undefined)),
    async state() {
      const states = await ask('state', undefined)
      return states.length === 0 ? own.state() : sumStates(states)
    },
    async totals() {
      const [first = own.totals(), ...rest] = await ask('totals', undefined)
      return rest.reduce(addTotals, first)
    },
    async trace(asked) {
      const found = own.trace(asked) ?? (await ask('trace', asked)).find((trace) => trace !== undefined)
      return found
    },
  }
}
