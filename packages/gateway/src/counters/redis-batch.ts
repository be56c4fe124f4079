import type { Limit } from './counters.ts'

/** Numbers that answer one step. */
export type StepReply = readonly number[]

export interface RedisBatchOptions {
  /** Runs `countScript`. */
  readonly run: (keys: readonly string[], values: readonly string[]) => Promise<unknown>
  /** Milliseconds since 1970 as text; empty for Redis' own clock. */
  readonly time: () => string
  /** Milliseconds until what is taken is lost. */
  readonly lease: number
}

/** Steps of one script at the most: nobody else is answered while it runs. */
const mostSteps = 64

/**
 * Gathers what requests ask within one turn of the event loop, and asks all of it by one script and in its order: what a
 * command costs on this side is shared by them.
 */
export class RedisBatch {
  readonly #options: RedisBatchOptions
  readonly #known = new WeakMap<readonly Limit[], KnownLimits>()
  #gathered: Gathered | undefined

  constructor(options: RedisBatchOptions) {
    this.#options = options
  }

  take(limits: readonly Limit[], id: string, amounts: readonly number[]): Promise<StepReply> {
    return this.#ask(limits, `"${id}",${numbers(amounts)}`)
  }

  /** @param at when it was taken. */
  settle(
    limits: readonly Limit[],
    id: string,
    amounts: readonly number[],
    used: readonly number[],
    at: number,
  ): Promise<StepReply> {
    return this.#ask(limits, `"${id}",${numbers(amounts)},${numbers(used)},${at}`)
  }

  #ask(limits: readonly Limit[], step: string): Promise<StepReply> {
    let gathered = this.#gathered
    if (gathered === undefined) {
      const fresh = (gathered = this.#gathered = new Gathered())
      setImmediate(() => this.#send(fresh))
    }
    const { groups, steps, waiting } = gathered
    let group = groups.get(limits)
    if (group === undefined) {
      group = groups.size
      groups.set(limits, group)
      const { keys, text } = this.#knownOf(limits)
      gathered.described.push(`[${gathered.keys.length}${text}]`)
      gathered.keys.push(...keys)
    }
    steps.push(`[${group},${step}]`)
    if (steps.length >= mostSteps) this.#gathered = undefined
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
  }

  #knownOf(limits: readonly Limit[]): KnownLimits {
    let known = this.#known.get(limits)
    if (known === undefined) {
      const described = limits.map((limit) => `,["${limit.kind[0]}",${whole(limit.most)},${whole(spanOf(limit))}]`)
      this.#known.set(limits, (known = { keys: limits.flatMap(keysOf), text: described.join('') }))
    }
    return known
  }

  async #send(gathered: Gathered): Promise<void> {
    if (this.#gathered === gathered) this.#gathered = undefined
    const { keys, described, steps, waiting } = gathered
    const { run, time, lease } = this.#options
    try {
      const text = await run(keys, [time(), String(lease), `[${described.join(',')}]`, `[${steps.join(',')}]`])
      const replies = JSON.parse(text as string) as readonly (StepReply | string)[]
      for (let index = 0; index < waiting.length; index++) {
        const reply = replies[index]!
        if (typeof reply === 'string') waiting[index]!.reject(new Error(reply))
        else waiting[index]!.resolve(reply)
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error)
    }
  }
}

/** What is asked together. */
class Gathered {
  readonly keys: string[] = []
  /** By the limits themselves: those of one caller are the same list for each request. */
  readonly groups: Map<readonly Limit[], number> = new Map()
  readonly described: string[] = []
  readonly steps: string[] = []
  readonly waiting: Waiting[] = []
}

interface Waiting {
  resolve(reply: StepReply): void
  reject(error: unknown): void
}

interface KnownLimits {
  readonly keys: readonly string[]
  readonly text: string
}

// One tag for all: what a request takes lies on one node of a cluster then, and is taken in one step.
const prefix = 'sluice:{counters}:'

/** The last of them is what a lease is in. */
export function keysOf({ kind, key }: Limit): readonly string[] {
  return kind === 'spend' ? [`${prefix}${key}`, `${prefix}${key}:holds`] : [`${prefix}${key}`]
}

function spanOf(limit: Limit): number {
  return limit.kind === 'window' ? limit.period : limit.kind === 'spend' ? limit.endsAt : 0
}

function numbers(values: readonly number[]): string {
  let text = '['
  for (let index = 0; index < values.length; index++)
    text += index === 0 ? whole(values[0]!) : `,${whole(values[index]!)}`
  return `${text}]`
}

/** Lua counts in whole numbers as JavaScript does, and knows no infinity by this name. */
export function whole(value: number): string {
  return String(Math.min(Math.ceil(value), Number.MAX_SAFE_INTEGER))
}
