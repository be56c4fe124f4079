import type { ChatDialect, Dialect } from '@sluice/protocol'
import type { ModelResolver } from '../models/resolve-model.ts'
import { destinationFor } from '../provider-kit/destination.ts'
import { planFor, planPath } from './plan.ts'
import { quirksFor } from './quirks.ts'
import type { Target } from './target.ts'

/** Names kept, so that callers who make names up cannot fill the memory. */
const mostNames = 1_000
const connectTimeout = 10_000

/**
 * What a model's name means to callers of one dialect, ready to be called. Worked out once per name, for as long
 * as the models are the same.
 *
 * The function throws as `ModelResolver.resolve`, or `unsupported_operation` when the provider does not reach
 * the dialect.
 */
export function createTargetFinder(
  resolver: ModelResolver,
  dialect: Dialect,
  dialects: ReadonlyMap<string, ChatDialect>,
): (model: string | undefined) => Target {
  const targets = new Map<string | undefined, Target>()
  let revision = resolver.revision()

  return (model) => {
    const current = resolver.revision()
    if (current !== revision || targets.size >= mostNames) {
      revision = current
      targets.clear()
    }
    let target = targets.get(model)
    if (target === undefined) targets.set(model, (target = findTarget(resolver, dialect, dialects, model)))
    return target
  }
}

function findTarget(
  resolver: ModelResolver,
  dialect: Dialect,
  dialects: ReadonlyMap<string, ChatDialect>,
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
    ...(quirks !== undefined && { quirks }),
  }
}
