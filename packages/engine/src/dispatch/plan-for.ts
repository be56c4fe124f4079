import {
  type CountTokensDialect,
  type SpokenDialect,
  type TranslatableDialect,
  type Translator,
  translatorBetween,
} from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'
import type { Speaks } from '../provider-kit/provider.ts'
import {
  dialectOf,
  type EstimatePlan,
  ownPlan,
  type Plan,
  refusePlan,
  spokenAbout,
  type TranslatePlan,
} from './plan.ts'
import type { Exchange } from './exchange.ts'
import type { Target } from './target.ts'
import { translatedBody, translatingTap } from './translated.ts'

/**
 * Chooses, of what a provider speaks about a model, the caller's own dialect, else the first that can be translated to,
 * else the first that can stand in for one.
 *
 * @param known the dialects that can be translated, by id.
 * @throws SluiceError `unsupported_operation` when the provider speaks none of them.
 */
export function planFor(
  dialect: SpokenDialect,
  provider: ConfiguredProvider,
  model: string,
  known: ReadonlyMap<string, TranslatableDialect>,
): Plan {
  const speaks = spokenAbout(provider, model)
  const own = ownPlan(dialect, speaks)
  if (own !== undefined) return own
  const caller = known.get(dialect.id)
  let standIn: Plan | undefined
  for (const spoken of speaks) {
    const other = known.get(dialectOf(spoken))
    if (caller === undefined || other === undefined) continue
    const translator = translatorBetween(caller, other)
    if (translator === undefined) continue
    const plan = translatePlan(caller, other, translator, spoken)
    if (other.standIn !== true) return plan
    standIn ??= plan
  }
  if (standIn !== undefined) return standIn
  // The cast is right for what the operation's list of dialects holds.
  if (caller?.operation === 'count-tokens') return estimatePlan(caller as unknown as CountTokensDialect)
  return refusePlan(dialect, provider)
}

function translatePlan(
  caller: TranslatableDialect,
  dialect: TranslatableDialect,
  translator: Translator,
  spoken: Speaks,
): TranslatePlan {
  const plan: TranslatePlan = {
    kind: 'translate',
    caller,
    dialect,
    translator,
    spoken,
    body: (exchange: Exchange, target: Target) => translatedBody(exchange, target, plan),
    tap: (exchange: Exchange, target: Target, streams) => translatingTap(exchange, target, plan, streams),
  }
  return plan
}

function estimatePlan(dialect: CountTokensDialect): EstimatePlan {
  return {
    kind: 'estimate',
    dialect,
    spoken: dialect.id,
    // Tokenizers are large, and loaded where they are needed.
    async answer(exchange: Exchange, target: Target) {
      const { estimate } = await import('./estimate.ts')
      return estimate(exchange, target, dialect)
    },
  }
}
