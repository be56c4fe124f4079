import type { Dialect } from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'
import type { ModelResolver } from '../models/resolve-model.ts'
import { destinationFor } from '../provider-kit/destination.ts'
import type { TargetState, TargetStates } from '../routing/target-state.ts'
import { type FindPlan, planPath } from './plan.ts'
import { quirksFor } from './quirks.ts'
import type { Target } from './target.ts'

const connectTimeout = 10_000

/**
 * What a model's name means to callers of a dialect, ready to be called: one target for each key of its provider, which
 * is one for most.
 *
 * @throws SluiceError as `ModelResolver.resolve`, or `unsupported_operation` when the provider does not reach the dialect.
 */
export function findTargets(
  resolver: Pick<ModelResolver, 'resolve'>,
  dialect: Dialect,
  findPlan: FindPlan,
  states: TargetStates,
  name: string | undefined,
): readonly [Target, ...Target[]] {
  const { provider, model } = resolver.resolve(name)
  const { apiKey, moreKeys = [] } = provider
  const target = (own: ConfiguredProvider, id: string): Target => targetAt(own, model, dialect, findPlan, states.of(id))
  const id = `${provider.id}/${model}`
  // Each knows the keys of all, so that none of them can be quoted in an error.
  const others = moreKeys.map((key, index) =>
    target({ ...provider, apiKey: key, moreKeys: [...(apiKey ? [apiKey] : []), ...moreKeys] }, `${id}#${index + 2}`),
  )
  return [target(provider, id), ...others]
}

function targetAt(
  provider: ConfiguredProvider,
  model: string,
  dialect: Dialect,
  findPlan: FindPlan,
  state: TargetState,
): Target {
  const plan = findPlan(dialect, provider, model)
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
    state,
    ...(quirks !== undefined && { quirks }),
  }
}
