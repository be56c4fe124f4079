import type { Behaviour } from './behaviour.ts'
import type { Operation } from './dialect.ts'
import type { PresetName } from './presets.ts'
import { presets } from './presets.ts'
import type { RecordedRequest } from './recording.ts'

/** A behaviour, the name of one, or a function that decides when the request is there; `undefined`: the usual. */
export type Scripted = Behaviour | PresetName | ((request: RecordedRequest) => Behaviour | PresetName | undefined)

/** What is to be done with the requests to come. */
export class Script {
  #queue: Scripted[] = []
  #standing: Scripted | undefined
  readonly #initial: Scripted | undefined

  constructor(standing: Scripted | undefined) {
    this.#initial = standing
    this.#standing = standing
  }

  next(behaviours: readonly Scripted[]): void {
    this.#queue.push(...behaviours)
  }

  always(behaviour: Scripted | undefined): void {
    this.#standing = behaviour
  }

  reset(): void {
    this.#queue = []
    this.#standing = this.#initial
  }

  get pending(): number {
    return this.#queue.length
  }

  /** Takes the first of the queue that is for this operation, else what stands. */
  take(operation: Operation): Scripted {
    const index = this.#queue.findIndex((scripted) => isFor(scripted, operation))
    if (index >= 0) return this.#queue.splice(index, 1)[0] as Scripted
    return this.#standing !== undefined && isFor(this.#standing, operation) ? this.#standing : {}
  }
}

function isFor(scripted: Scripted, operation: Operation): boolean {
  const on = typeof scripted === 'object' ? scripted.on : undefined
  return on === undefined ? operation !== 'models' && operation !== 'count-tokens' : on === 'any' || on === operation
}

/** The behaviour, when it can be told before the request's body is there. */
export function early(scripted: Scripted): Behaviour | undefined {
  if (typeof scripted === 'function') return undefined
  return typeof scripted === 'string' ? presets[scripted] : scripted
}

export function resolve(scripted: Scripted, request: RecordedRequest): Behaviour {
  return early(typeof scripted === 'function' ? (scripted(request) ?? {}) : scripted) ?? {}
}
