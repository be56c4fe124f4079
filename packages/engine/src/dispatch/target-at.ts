import type { ConfiguredProvider } from '../config/config.ts'
import { destinationFor } from '../provider-kit/destination.ts'
import type { TargetState } from '../routing/target-state.ts'
import { type Plan, planPath } from './plan.ts'
import type { TargetQuirks } from './quirks.ts'
import type { Target } from './target.ts'

const connectTimeout = 10_000

/** A provider and a model, ready to be called as planned. Throws `SluiceError` for an address that cannot be called. */
export function targetAt(
  provider: ConfiguredProvider,
  model: string,
  plan: Plan,
  quirks: TargetQuirks | undefined,
  state: TargetState,
): Target {
  const { timeout, maxRetries } = provider
  const modelJson = new TextEncoder().encode(JSON.stringify(model))
  return {
    provider,
    model,
    plan,
    changes: { model, modelJson, includeUsage: false },
    streamChanges: { model, modelJson, includeUsage: quirks?.removes.has('stream_options') !== true },
    destination: destinationFor(provider, planPath(plan, model, false), 'POST', plan.dialect.headers),
    streamDestination: destinationFor(provider, planPath(plan, model, true), 'POST', plan.dialect.headers),
    timeouts: {
      connect: timeout > 0 ? Math.min(timeout, connectTimeout) : connectTimeout,
      firstByte: timeout,
      idle: timeout,
    },
    maxRetries,
    state,
    ...(quirks !== undefined && { quirks }),
  }
}
