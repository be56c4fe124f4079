import { type Known, type Match, offerModel } from './offer-model.ts'

/** `tier:fast`, `task:code`: names that stand for a kind of model. */
export function isSelector(name: string): boolean {
  return /^(?:tier|task):/.test(name)
}

export interface SelectorContext extends Known {
  /** Of config. */
  readonly chosen: ReadonlyMap<string, readonly string[]>
  /** What Sluice brings: see `modelSelectors`. */
  readonly builtIn: ReadonlyMap<string, readonly string[]>
  /** By all the rules, without a tier or task. */
  resolve(name: string): (Match & { readonly detail: string }) | undefined
  /** The default provider's default model, where there is one. */
  fallback(): Match | undefined
}

type Outcome = (Match & { readonly detail: string }) | string

/** The model that a tier or task stands for, or why there is none. */
export function bySelector(name: string, context: SelectorContext, seen: readonly string[] = []): Outcome {
  if (seen.includes(name)) return `${[...seen, name].join(' is ')}: it stands for itself`
  const chosen = context.chosen.get(name)
  if (chosen !== undefined) return byConfig(name, chosen, context, [...seen, name])
  const builtIn = context.builtIn.get(name)
  if (builtIn === undefined) return `there is no ${name}`
  const [other = ''] = builtIn
  if (isSelector(other)) {
    const outcome = bySelector(other, context, [...seen, name])
    return typeof outcome === 'string' ? outcome : { ...outcome, detail: `it is ${other}: ${outcome.detail}` }
  }
  return byPreference(name, builtIn, context)
}

function byConfig(
  name: string,
  choices: readonly string[],
  context: SelectorContext,
  seen: readonly string[],
): Outcome {
  const failed: string[] = []
  for (const choice of choices) {
    const outcome = isSelector(choice)
      ? bySelector(choice, context, seen)
      : (context.resolve(choice) ?? `no provider serves ${choice}`)
    if (typeof outcome !== 'string') return { ...outcome, detail: `config means ${choice} by it: ${outcome.detail}` }
    failed.push(outcome)
  }
  return `config's choice for ${name} cannot be had: ${failed.join('; ')}`
}

function byPreference(name: string, models: readonly string[], context: SelectorContext): Outcome {
  for (const provider of context.registry.providers) {
    for (const model of models) {
      const offer = offerModel(model, provider, context)
      if (offer.entry !== undefined)
        return { ...offer, detail: `${provider.id} lists ${offer.entry.upstreamId}, one of ${name}` }
    }
  }
  const match = context.fallback()
  if (match === undefined) return `no provider lists a model of ${name}, and there is no default model`
  return { ...match, detail: `no provider lists a model of ${name}; this is the default model of ${match.provider.id}` }
}
