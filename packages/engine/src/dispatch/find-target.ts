import type { Dialect, TranslatableDialect } from '@sluice/protocol'
import type { ModelResolver } from '../models/resolve-model.ts'
import { destinationFor } from '../provider-kit/destination.ts'
import type { TargetStates } from '../routing/target-state.ts'
import { planFor, planPath } from './plan.ts'
import { quirksFor } from './quirks.ts'
import type { Target } from './target.ts'

const connectTimeout = 10_000

/**
 * The one target that a model's name means to callers of a dialect, ready to be called.
 *
 * @throws SluiceError as `ModelResolver.resolve`, or `unsupported_operation` when the provider does not reach the dialect.
 */
export function findTarget(
  resolver: Pick<ModelResolver, 'resolve'>,
  dialect: Dialect,
  dialects: ReadonlyMap<string, TranslatableDialect>,
  states: TargetStates,
  name: string | undefined,
): Target {
  const { provider, model } = resolver.resolve(name)
  const plan = planFor(dialect, provider, model, dialects)
  const { timeout, maxRetries } = provider
  const quirks = quirksFor(provider.preset.quirks, plan.dialect.id, model)
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
    state: states.of(`${provider.id}/${model}`),
    ...(quirks !== undefined && { quirks }),
  }
}
