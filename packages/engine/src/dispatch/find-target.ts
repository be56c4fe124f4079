import type { SpokenDialect } from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'
import type { ModelResolver } from '../models/resolve-model.ts'
import type { TargetStates } from '../routing/target-state.ts'
import type { FindPlan } from './plan.ts'
import { quirksFor } from './quirks.ts'
import type { Target } from './target.ts'
import { targetAt } from './target-at.ts'

/**
 * What a model's name means to callers of a dialect, ready to be called: one target for each key of its provider, which
 * is one for most.
 *
 * @throws SluiceError as `ModelResolver.resolve`, or `unsupported_operation` when the provider does not reach the dialect.
 */
export function findTargets(
  resolver: Pick<ModelResolver, 'resolve'>,
  dialect: SpokenDialect,
  findPlan: FindPlan,
  states: TargetStates,
  name: string | undefined,
): readonly [Target, ...Target[]] {
  const { provider, model } = resolver.resolve(name)
  const { apiKey, moreKeys = [] } = provider
  const target = (own: ConfiguredProvider, id: string): Target => {
    const plan = findPlan(dialect, own, model)
    return targetAt(own, model, plan, quirksFor(own.preset.quirks, plan.dialect.id, model), states.of(id))
  }
  const id = `${provider.id}/${model}`
  // Each knows the keys of all, so that none of them can be quoted in an error.
  const others = moreKeys.map((key, index) =>
    target({ ...provider, apiKey: key, moreKeys: [...(apiKey ? [apiKey] : []), ...moreKeys] }, `${id}#${index + 2}`),
  )
  return [target(provider, id), ...others]
}
