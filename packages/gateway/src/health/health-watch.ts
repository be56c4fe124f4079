import type { ConfiguredProvider, ProviderHealth, TargetState, TargetStates } from 'sluice'

export type HealthEventType =
  | 'provider.unhealthy'
  | 'provider.degraded'
  | 'provider.recovered'
  | 'target.circuit_opened'
  | 'target.circuit_closed'
  | 'ledger.failing'
  | 'ledger.full'
  | 'ledger.recovered'
  | 'limits.store_lost'
  | 'limits.store_back'
  | 'budget.threshold'
  | 'budget.exceeded'

export interface HealthEvent {
  readonly type: HealthEventType
  /** A provider's id, a target's, or `ledger`. */
  readonly subject: string
  /** For people. */
  readonly reason: string
  /** ISO 8601. */
  readonly at: string
}

/** What changed, told as it happens. */
export interface HealthWatch {
  /** The last ones, the newest first. */
  events(): readonly HealthEvent[]
  /** A probe found something out about a provider that nobody calls. */
  probed(provider: ConfiguredProvider): void
  /** Another part of the gateway has something to tell. */
  tell(type: HealthEventType, subject: string, reason: string): void
}

export interface HealthWatchParts {
  readonly providers: readonly ConfiguredProvider[]
  readonly states: TargetStates
  /** The last finding on a provider, as long as its traffic says nothing. */
  readonly finding: (id: string) => ProviderHealth | undefined
  readonly tell: (event: HealthEvent) => void
  /** On the clock of `performance.now`. */
  readonly now: () => number
}

type Standing = 'healthy' | 'degraded' | 'unhealthy'

const mostEvents = 200

export function createHealthWatch({ providers, states, finding, tell, now }: HealthWatchParts): HealthWatch {
  const events: HealthEvent[] = []
  const standings = new Map<string, Standing>()

  function emit(type: HealthEventType, subject: string, reason: string): void {
    const event = { type, subject, reason, at: new Date().toISOString() }
    events.push(event)
    if (events.length > mostEvents) events.shift()
    tell(event)
  }

  function update({ id }: ConfiguredProvider): void {
    const { standing, reason } = standingOf(targetsOf(id, states), finding(id), now())
    if (standing === (standings.get(id) ?? 'healthy')) return
    standings.set(id, standing)
    emit(standing === 'healthy' ? 'provider.recovered' : `provider.${standing}`, id, reason)
  }

  states.listen((state, change) => {
    if (change === 'opened')
      emit('target.circuit_opened', state.id, state.guard?.describe?.(now()).reason ?? 'its circuit opened')
    else if (change === 'closed') emit('target.circuit_closed', state.id, 'a call succeeded again')
    const provider = providers.find(({ id }) => state.id.startsWith(`${id}/`))
    if (provider !== undefined) update(provider)
  })

  return { events: () => events.toReversed(), probed: update, tell: emit }
}

/** Those of a provider that were called. */
export function targetsOf(provider: string, states: TargetStates): readonly TargetState[] {
  const all = [...states.all()].filter(({ id }) => id.startsWith(`${provider}/`))
  return all.filter(({ successes, failures, active }) => successes + failures + active > 0)
}

function standingOf(
  targets: readonly TargetState[],
  finding: ProviderHealth | undefined,
  now: number,
): { readonly standing: Standing; readonly reason: string } {
  const reasons: string[] = []
  let open = 0
  for (const { id, guard, degradation } of targets) {
    const circuit = guard?.describe?.(now)
    if (circuit !== undefined && circuit.state !== 'closed') {
      open++
      reasons.push(`${id}: ${circuit.reason}`)
    }
    for (const reason of degradation?.reasons(now) ?? []) reasons.push(`${id}: ${reason}`)
  }
  const refused = targets.length === 0 && (finding?.state === 'unauthorized' || finding?.state === 'unreachable')
  if (refused) reasons.push(finding.reason ?? finding.state)
  if (refused || (open > 0 && open === targets.length)) return { standing: 'unhealthy', reason: reasons.join('; ') }
  if (reasons.length > 0) return { standing: 'degraded', reason: reasons.join('; ') }
  return { standing: 'healthy', reason: 'nothing is wrong any more' }
}
