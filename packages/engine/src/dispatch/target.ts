import type { RequestChanges } from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'
import type { Destination, Timeouts } from '../transport/transport.ts'
import type { TargetState } from '../routing/target-state.ts'
import type { Plan } from './plan.ts'
import type { TargetQuirks } from './quirks.ts'

/**
 * One thing that a route can choose: a provider, its credential and a model, ready to be called. Built once
 * per resolved name, so that a request only looks it up.
 */
export interface Target {
  readonly provider: ConfiguredProvider
  /** As the provider names it. */
  readonly model: string
  readonly plan: Plan
  /** What has to change in a whole and in a streamed request that is passed through. */
  readonly changes: RequestChanges
  readonly streamChanges: RequestChanges
  /** Where requests for a whole answer go. */
  readonly destination: Destination
  /** Where requests for a stream go; often the same. */
  readonly streamDestination: Destination
  readonly timeouts: Timeouts
  readonly maxRetries: number
  /** What its traffic says. */
  readonly state: TargetState
  /** What has to be different in requests for this provider; absent where nothing has. */
  readonly quirks?: TargetQuirks
}
