import type { AlertConfig } from 'sluice'
import type { HealthEvent, HealthEventType } from './health-watch.ts'

interface Told {
  readonly at: number
  /** It was told, and its end was not yet. */
  open: boolean
}

const ends: Partial<Record<HealthEventType, readonly string[]>> = {
  'provider.recovered': ['provider.unhealthy', 'provider.degraded'],
  'target.circuit_closed': ['target.circuit_opened'],
  'ledger.recovered': ['ledger.failing', 'ledger.full'],
  'limits.store_back': ['limits.store_lost'],
}

/** Subjects are targets that callers made up in the worst case. */
const mostSubjects = 2_000

/**
 * What of all events one receiver is told: the same of the same once within an interval, and the end of what it was told.
 * Times in milliseconds on one clock.
 */
export class AlertPolicy {
  readonly #events: ReadonlySet<string>
  readonly #interval: number
  /** By event and subject. */
  readonly #told = new Map<string, Told>()
  /** By subject: what is so now and was told too lately to be told again. */
  readonly #waiting = new Map<string, HealthEvent>()

  constructor({ events, minInterval }: Pick<AlertConfig, 'events' | 'minInterval'>) {
    this.#events = new Set(events)
    this.#interval = minInterval
  }

  /** Something is to be told later. */
  get waits(): boolean {
    return this.#waiting.size > 0
  }

  /** Whether this is to be told now. */
  hear(event: HealthEvent, now: number): boolean {
    const ended = ends[event.type]
    if (ended !== undefined) return this.#end(event.subject, ended)
    if (!event.type.startsWith('target.')) this.#waiting.delete(waitingKey(event))
    if (!this.#events.has(event.type)) return false
    const told = this.#told.get(keyOf(event.type, event.subject))
    if (told !== undefined && now - told.at < this.#interval) {
      if (this.#waiting.size < mostSubjects) this.#waiting.set(waitingKey(event), event)
      return false
    }
    this.#tell(event, now)
    return true
  }

  /** What waited, lasts, and may be told by now. */
  due(now: number): readonly HealthEvent[] {
    const due = [...this.#waiting.values()].filter(({ type, subject }) => {
      const told = this.#told.get(keyOf(type, subject))
      return told === undefined || now - told.at >= this.#interval
    })
    for (const event of due) {
      this.#waiting.delete(waitingKey(event))
      this.#tell(event, now)
    }
    return due
  }

  #tell({ type, subject }: HealthEvent, now: number): void {
    const key = keyOf(type, subject)
    this.#told.delete(key)
    if (this.#told.size >= mostSubjects) this.#told.delete(this.#told.keys().next().value!)
    this.#told.set(key, { at: now, open: true })
  }

  #end(subject: string, types: readonly string[]): boolean {
    let open = false
    for (const type of types) {
      this.#waiting.delete(keyOf(type.split('.')[0]!, subject))
      const told = this.#told.get(keyOf(type, subject))
      if (told === undefined) continue
      open ||= told.open
      told.open = false
    }
    return open
  }
}

/** Of a provider one state waits at most: a newer one takes its place. */
function waitingKey({ type, subject }: HealthEvent): string {
  return keyOf(type.split('.')[0]!, subject)
}

function keyOf(type: string, subject: string): string {
  return `${type}\n${subject}`
}
