import {
  type CodecContext,
  type CountTokensDialect,
  type Peek,
  SluiceError,
  type SpokenDialect,
  type Tap,
  type TranslatableDialect,
  type Translator,
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
export type Plan = PassthroughPlan | TranslatePlan | EstimatePlan

export interface PassthroughPlan {
  readonly kind: 'passthrough'
  readonly dialect: SpokenDialect
  readonly spoken: Speaks
}

/** With what translates, so that only who makes such plans brings it. */
export interface TranslatePlan {
  readonly kind: 'translate'
  /** What the caller speaks. */
  readonly caller: TranslatableDialect
  readonly dialect: TranslatableDialect
  readonly translator: Translator
  readonly spoken: Speaks
  body(exchange: PlannedExchange, target: PlannedTarget): readonly Uint8Array[]
  /** Fresh for each answer. `streams`: the provider answers with a stream. */
  tap(exchange: PlannedExchange, target: PlannedTarget, streams: boolean): Tap
}

export interface EstimatePlan {
  readonly kind: 'estimate'
  /** What the caller speaks: nothing is said to the provider. */
  readonly dialect: CountTokensDialect
  readonly spoken: Speaks
  /** An `Answer`. */
  answer(exchange: PlannedExchange, target: PlannedTarget): Promise<unknown>
}

/** An `Exchange` and a `Target`: those know plans, so that plans cannot know them. */
type PlannedExchange = CodecContext & { readonly peek: Peek }
type PlannedTarget = { readonly provider: ConfiguredProvider; readonly model: string }

/** Plans attempts. Throws `SluiceError` `unsupported_operation` when there is no way to the provider. */
export type FindPlan = (dialect: SpokenDialect, provider: ConfiguredProvider, model: string) => Plan

/** The plan where a provider speaks the caller's own dialect: all that is needed where nothing is translated. */
export const planWithoutTranslation: FindPlan = (dialect, provider, model) => {
  const plan = ownPlan(dialect, spokenAbout(provider, model))
  if (plan !== undefined) return plan
  const message = `${provider.name} does not speak ${dialect.id}, and there is no \`findPlan\` that translates.`
  throw new SluiceError('unsupported_operation', message)
}

/** What a provider speaks about a model, in its order of preference. */
export function spokenAbout({ preset }: ConfiguredProvider, model: string): readonly Speaks[] {
  return preset.speaks.filter(
    (spoken) => typeof spoken === 'string' || spoken.models === undefined || fitsPatterns(model, spoken.models),
  )
}

export function ownPlan(dialect: SpokenDialect, speaks: readonly Speaks[]): PassthroughPlan | undefined {
  const spoken = speaks.find((each) => dialectOf(each) === dialect.id)
  return spoken === undefined ? undefined : { kind: 'passthrough', dialect, spoken }
}

/** @throws SluiceError always */
export function refusePlan(dialect: SpokenDialect, provider: ConfiguredProvider): never {
  throw new SluiceError('unsupported_operation', `${provider.name} does not offer ${dialect.operation}.`)
}

/** Where a plan's requests go, below the provider's base URL. */
export function planPath(plan: Plan, model: string, stream: boolean): string {
  const { path, streamPath = path } = typeof plan.spoken === 'string' ? {} : plan.spoken
  return (
    (stream ? streamPath : path)?.replaceAll('{model}', encodeURIComponent(model)) ?? plan.dialect.path(model, stream)
  )
}

/** The dialect's id. */
export function dialectOf(spoken: Speaks): string {
  return typeof spoken === 'string' ? spoken : spoken.dialect
}
