import { type CountTokensDialect, type Dialect, type TranslatableDialect, translatorBetween } from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'
import { dialectOf, ownPlan, type Plan, refusePlan, spokenAbout } from './plan.ts'

/**
 * Chooses, of what a provider speaks about a model, the caller's own dialect, else the first that can be translated to,
 * else the first that can stand in for one.
 *
 * @param known the dialects that can be translated, by id.
 * @throws SluiceError `unsupported_operation` when the provider speaks none of them.
 */
export function planFor(
  dialect: Dialect,
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
    const plan: Plan = { kind: 'translate', caller, dialect: other, translator, spoken }
    if (other.standIn !== true) return plan
    standIn ??= plan
  }
  if (standIn !== undefined) return standIn
  // The cast is right for what the operation's list of dialects holds.
  if (caller?.operation === 'count-tokens')
    return { kind: 'estimate', dialect: caller as unknown as CountTokensDialect, spoken: caller.id }
  return refusePlan(dialect, provider)
}
