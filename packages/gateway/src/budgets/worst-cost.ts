import { type ModelPrice, type Rate, rateFor, type Rates, ratesAt } from 'sluice'

/** What a request may come to, at the most. */
export interface WorstCase {
  /** Tokens. */
  readonly input: number
  readonly output: number
  /** Of the request's body. */
  readonly bytes: number
  /** The request's members, of which one may ask for another kind of processing: `priority`. Parsed when looked at. */
  readonly facts: { readonly params: Readonly<Record<string, unknown>> }
}

/** Of audio in a request, at the least: what a second is has to be guessed. */
const bytesOfAudioSecond = 2_000

/** Nano-dollars that a request may cost: all input at its dearest rate, and all the output that it may have. */
export function worstCost(price: ModelPrice, { input, output, bytes, facts }: WorstCase, when: number): number {
  const { variants, minimumAudioSeconds = 0 } = price
  const said = variants.length === 0 ? [] : Object.values(facts.params)
  const word = variants.find(({ processing }) => said.includes(processing))?.processing
  const rates = ratesAt(price, when, word)
  const dearest = (...names: readonly (keyof Rates)[]): number =>
    Math.max(...names.map((name) => amountOf(rates[name], input)))
  const picoDollars =
    input * dearest('input', 'cacheWrite', 'cacheWriteLong', 'audioInput', 'imageInput') +
    output * dearest('output', 'reasoning', 'audioOutput', 'imageOutput') +
    amountOf(rates.request, input) +
    bytes * amountOf(rates.character, input) +
    Math.max(bytes / bytesOfAudioSecond, minimumAudioSeconds) * amountOf(rates.audioSecond, input)
  // Sums of money stay exact.
  return Math.min(Math.ceil(picoDollars / 1000), Number.MAX_SAFE_INTEGER)
}

function amountOf(rate: Rate | undefined, input: number): number {
  return rate === undefined ? 0 : rateFor(rate, input)
}
