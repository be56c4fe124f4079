import {
  type CountTokensDialect,
  type Dialect,
  SluiceError,
  type TranslatableDialect,
  type Translator,
  translatorBetween,
} from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'
import { fitsPatterns } from '../models/name-pattern.ts'
import type { Speaks } from '../provider-kit/provider.ts'

/**
 * How an attempt gets from the caller's dialect to the provider's: `passthrough` when both speak the same, so
 * that bytes are relayed; `translate` by way of the neutral types when they do not; `estimate` when it counts no tokens,
 * so that they are counted here.
 *
 * `dialect` is what the provider is spoken to in. `spoken` says where, when that is not the dialect's own path below
 * the provider's base URL.
 */
export type Plan =
  | { readonly kind: 'passthrough'; readonly dialect: Dialect; readonly spoken: Speaks }
  | {
      readonly kind: 'translate'
      /** What the caller speaks. */
      readonly caller: TranslatableDialect
      readonly dialect: TranslatableDialect
      readonly translator: Translator
      readonly spoken: Speaks
    }
  | {
      readonly kind: 'estimate'
      /** What the caller speaks: nothing is said to the provider. */
      readonly dialect: CountTokensDialect
      readonly spoken: Speaks
    }

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
  const speaks = provider.preset.speaks.filter(
    (spoken) => typeof spoken === 'string' || spoken.models === undefined || fitsPatterns(model, spoken.models),
  )
  const own = speaks.find((spoken) => dialectOf(spoken) === dialect.id)
  if (own !== undefined) return { kind: 'passthrough', dialect, spoken: own }
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
  throw new SluiceError('unsupported_operation', `${provider.name} does not offer ${dialect.operation}.`)
}

/** Where a plan's requests go, below the provider's base URL. */
export function planPath(plan: Plan, model: string, stream: boolean): string {
  const { path, streamPath = path } = typeof plan.spoken === 'string' ? {} : plan.spoken
  return (
    (stream ? streamPath : path)?.replaceAll('{model}', encodeURIComponent(model)) ?? plan.dialect.path(model, stream)
  )
}

function dialectOf(spoken: Speaks): string {
  return typeof spoken === 'string' ? spoken : spoken.dialect
}
