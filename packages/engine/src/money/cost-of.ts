import { inputClasses, outputClasses, totalInput, type Usage } from '@sluice/protocol'
import { type ModelPrice, rateFor, type Rates, ratesAt } from './model-price.ts'

/** What a request cost. Unknown is `null`, never zero. */
export type Cost =
  | {
      /** `estimated`: counted here, or at standard rates because those of its processing are not known. */
      readonly state: 'priced' | 'estimated'
      /** Whole nano-dollars (10⁻⁹ USD). */
      readonly nanoDollars: number
      /** Who said so: the provider in its answer, or a table of prices. */
      readonly source: 'provider' | 'table'
      /** What the table says, also where the provider said something else; `null` when it says nothing. */
      readonly tableNanoDollars: number | null
      /** Of the table: `genai-prices@0.2.3`, `config`; `null` when it was not asked or says nothing. */
      readonly priceVersion: string | null
    }
  | {
      readonly state: 'unpriced'
      readonly nanoDollars: null
      /** For people to read. */
      readonly reason: string
    }

/** What a price depends on besides the tokens. */
export interface CostContext {
  /** When the request began, in milliseconds since 1970: prices have dates. */
  readonly when: number
  /** As the provider says it processed the request: `batch`, `flex`, `priority`, `fast`. Others are the standard. */
  readonly processing?: string | null | undefined
  /** Searches of the web that the provider ran. Default: what the usage says, or 0. */
  readonly searches?: number | undefined
}

type TokenClass = (typeof inputClasses)[number] | (typeof outputClasses)[number]

/** Where a class has no rate of its own: whose rate it is billed at. */
const parents: Readonly<Record<TokenClass, readonly (keyof Rates)[]>> = {
  input: ['input'],
  cacheRead: ['cacheRead', 'input'],
  cacheWrite: ['cacheWrite', 'input'],
  cacheWriteLong: ['cacheWriteLong', 'cacheWrite', 'input'],
  audioInput: ['audioInput', 'input'],
  imageInput: ['imageInput', 'input'],
  output: ['output'],
  reasoning: ['reasoning', 'output'],
  audioOutput: ['audioOutput', 'output'],
  imageOutput: ['imageOutput', 'output'],
  rejectedPrediction: ['output'],
}

const classes: readonly TokenClass[] = [...inputClasses, ...outputClasses]
const standard: ReadonlySet<string> = new Set(['', 'default', 'auto', 'standard', 'standard_only', 'on_demand'])
const picoDollarsPerNanoDollar = 1000n

/**
 * The cost of a request from its disjoint token classes, exact to the nano-dollar: whole pico-dollars are added
 * up and rounded once, half up. A cost that the provider reported itself is preferred. A class that was used and
 * has no rate, nor has its parent, makes the request `unpriced`.
 */
export function costOf(usage: Usage, price: ModelPrice | undefined, context: CostContext): Cost {
  const table = tableCost(usage, price, context)
  const reported = usage.reported?.costNanoDollars
  if (reported !== undefined && Number.isSafeInteger(reported) && reported >= 0) {
    const known = typeof table === 'object' ? table : undefined
    return {
      state: 'priced',
      nanoDollars: reported,
      source: 'provider',
      tableNanoDollars: known?.nanoDollars ?? null,
      priceVersion: known?.version ?? null,
    }
  }
  if (typeof table === 'string') {
    return { state: 'unpriced', nanoDollars: null, reason: `The cost cannot be told: ${table}.` }
  }
  const { nanoDollars, certain } = table
  return {
    state: certain && usage.estimated !== true ? 'priced' : 'estimated',
    nanoDollars,
    source: 'table',
    tableNanoDollars: nanoDollars,
    priceVersion: table.version,
  }
}

function tableCost(
  usage: Usage,
  price: ModelPrice | undefined,
  { when, processing, searches = usage.searches ?? 0 }: CostContext,
): { readonly nanoDollars: number; readonly certain: boolean; readonly version: string } | string {
  if (price === undefined) return 'its price is not known'
  const word = processing?.toLowerCase() ?? ''
  const rates = ratesAt(price, when, word)
  const input = totalInput(usage)
  let picoDollars = 0n
  const add = (count: number, candidates: readonly (keyof Rates)[]): boolean => {
    if (count <= 0) return true
    const key = candidates.find((candidate) => rates[candidate] !== undefined)
    const rate = key === undefined ? undefined : rates[key]
    if (rate === undefined) return false
    picoDollars += BigInt(Math.round(count)) * BigInt(rateFor(rate, input))
    return true
  }
  for (const name of classes) if (!add(usage[name], parents[name])) return `the price of ${words[name]} is not known`
  if (!add(searches, ['search'])) return 'the price of a search is not known'
  const { audioSeconds = 0 } = usage
  const billedSeconds = audioSeconds > 0 ? Math.max(audioSeconds, price.minimumAudioSeconds ?? 0) : 0
  if (!add(billedSeconds, ['audioSecond'])) return 'the price of a second of audio is not known'
  if (!add(usage.characters ?? 0, ['character'])) return 'the price of a spoken character is not known'
  if (rates.request !== undefined) add(1, ['request'])
  if (Object.keys(rates).length === 0) return 'its price is not known'
  const certain = standard.has(word) || price.variants.some((variant) => variant.processing === word)
  return {
    nanoDollars: Number((picoDollars + picoDollarsPerNanoDollar / 2n) / picoDollarsPerNanoDollar),
    certain,
    version: price.version,
  }
}

const words: Readonly<Record<TokenClass, string>> = {
  input: 'input tokens',
  cacheRead: 'cached input tokens',
  cacheWrite: 'tokens written to the cache',
  cacheWriteLong: 'tokens written to the long-lived cache',
  audioInput: 'audio input',
  imageInput: 'image input',
  output: 'output tokens',
  reasoning: 'reasoning tokens',
  audioOutput: 'audio output',
  imageOutput: 'image output',
  rejectedPrediction: 'rejected predictions',
}
