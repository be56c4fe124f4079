import type { ConfiguredProvider, ProviderHealth, TargetStates } from 'sluice'
import { targetsOf } from './health-watch.ts'

/** Asks providers for something free, while their traffic does not tell how they are. */
export interface Probes {
  /** The last finding, while it is the latest that is known; `undefined` after calls that ended since. */
  finding(provider: string): ProviderHealth | undefined
  /** Looks now whom to ask; resolves when they were asked. Else done by itself each interval. */
  look(): Promise<void>
  close(): void
}

export interface ProbeParts {
  readonly providers: readonly ConfiguredProvider[]
  readonly states: TargetStates
  /** Milliseconds; 0: nobody is ever asked. */
  readonly interval: number
  /** Asked also when there is no traffic. */
  readonly idle: (provider: ConfiguredProvider) => boolean
  readonly check: (provider: ConfiguredProvider) => Promise<ProviderHealth>
  /** A finding is there. */
  readonly found: (provider: ConfiguredProvider) => void
  /** On the clock of `performance.now`. */
  readonly now: () => number
}

const mostAtOnce = 3

interface Finding {
  readonly health: ProviderHealth
  /** Calls that had ended by then. */
  readonly calls: number
}

export function createProbes(parts: ProbeParts): Probes {
  const { providers, states, interval, now } = parts
  const findings = new Map<string, Finding>()
  const callsBefore = new Map<string, number>()
  const underWay = new Set<string>()
  let closed = false

  function wants(provider: ConfiguredProvider): boolean {
    const { id, preset } = provider
    if (preset.standIn || underWay.has(id)) return false
    if (targetsOf(id, states).some(({ guard }) => guard?.describe?.(now()).state === 'open')) return true
    const calls = endedCalls(id, states)
    const quiet = calls === (callsBefore.get(id) ?? 0)
    callsBefore.set(id, calls)
    return quiet && parts.idle(provider)
  }

  async function probe(provider: ConfiguredProvider): Promise<void> {
    const { id } = provider
    underWay.add(id)
    const health = await parts.check(provider)
    underWay.delete(id)
    if (closed) return
    findings.set(id, { health, calls: endedCalls(id, states) })
    if (health.state === 'healthy') for (const { guard } of targetsOf(id, states)) guard?.halfOpen?.(now())
    parts.found(provider)
  }

  async function look(): Promise<void> {
    const waiting = providers.filter(wants)
    async function askOn(): Promise<void> {
      for (let next = waiting.shift(); next !== undefined && !closed; next = waiting.shift()) await probe(next)
    }
    // As long as one look is not over, a next one finds fewer free.
    await Promise.all(Array.from({ length: mostAtOnce - underWay.size }, askOn))
  }

  const timer = interval > 0 ? setInterval(() => void look(), interval) : undefined
  timer?.unref()
  return {
    finding(provider) {
      const found = findings.get(provider)
      return found?.calls === endedCalls(provider, states) ? found?.health : undefined
    },
    look,
    close() {
      closed = true
      clearInterval(timer)
    },
  }
}

function endedCalls(provider: string, states: TargetStates): number {
  return targetsOf(provider, states).reduce((sum, { successes, failures }) => sum + successes + failures, 0)
}
