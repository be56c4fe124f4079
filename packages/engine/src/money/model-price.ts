/** What a model costs. Every amount is in whole pico-dollars (10⁻¹² USD): one USD per million tokens is 1,000,000 of them per token. */
export interface ModelPrice {
  /** Says where the price is from, and is kept with every cost: `genai-prices@0.2.3`, `config`. */
  readonly version: string
  /** Of those that hold at a moment, the last one counts; the first, if none does. */
  readonly periods: readonly PricePeriod[]
  /** Other rates for kinds of processing, taken class by class; the first that has the class counts. */
  readonly variants: readonly PriceVariant[]
  /** A request with audio is billed for so many seconds at the least. Default: for what it has. */
  readonly minimumAudioSeconds?: number
}

/** Rates, and when they hold. */
export interface PricePeriod {
  readonly when: PriceTime
  readonly rates: Rates
}

/** Rates of another processing than the standard one. */
export interface PriceVariant extends PricePeriod {
  /** `batch`, `flex`, `priority`, `fast`. */
  readonly processing: string
}

/** UTC. `startMinute` and `endMinute` count from midnight; an end before the start is on the next day. */
export type PriceTime =
  | { readonly type: 'always' }
  | { readonly type: 'since'; readonly milliseconds: number }
  | { readonly type: 'daily'; readonly startMinute: number; readonly endMinute: number }

/** A token, request, search, second or character of each class. A class without a rate is billed at that of its parent (see `costOf`). */
export interface Rates {
  readonly input?: Rate
  readonly cacheRead?: Rate
  readonly cacheWrite?: Rate
  readonly cacheWriteLong?: Rate
  readonly audioInput?: Rate
  readonly imageInput?: Rate
  readonly output?: Rate
  readonly reasoning?: Rate
  readonly audioOutput?: Rate
  readonly imageOutput?: Rate
  readonly request?: Rate
  readonly search?: Rate
  readonly audioSecond?: Rate
  readonly character?: Rate
}

/** Whole pico-dollars. With tiers, the whole request is billed at the highest tier whose threshold its input exceeds. */
export type Rate = number | TieredRate

/** A rate that rises with the size of the input. */
export interface TieredRate {
  readonly base: number
  /** In rising order of `above`: tokens of all input. */
  readonly tiers: readonly { readonly above: number; readonly rate: number }[]
}

const picoDollarsPerDollar = 1e12

/** Pico-dollars per token of a price in USD per million tokens. */
export function ratePerMillion(dollars: number): number {
  return Math.round((dollars * picoDollarsPerDollar) / 1e6)
}

/** Pico-dollars of a price in USD for one. */
export function ratePerUnit(dollars: number): number {
  return Math.round(dollars * picoDollarsPerDollar)
}

/** A price that always holds. */
export function flatPrice(version: string, rates: Rates): ModelPrice {
  return { version, periods: [{ when: { type: 'always' }, rates }], variants: [] }
}

/** Whether a period holds at a moment, in milliseconds since 1970. */
export function holdsAt(time: PriceTime, when: number): boolean {
  if (time.type === 'always') return true
  if (time.type === 'since') return when >= time.milliseconds
  const day = 86_400_000
  const minute = (((when % day) + day) % day) / 60_000
  const { startMinute: start, endMinute: end } = time
  return start <= end ? minute >= start && minute < end : minute >= start || minute < end
}

/** The rates at a moment, for a kind of processing. */
export function ratesAt(price: ModelPrice, when: number, processing?: string): Rates {
  const standard = price.periods.findLast((period) => holdsAt(period.when, when)) ?? price.periods[0]
  let rates = standard?.rates ?? {}
  // From the last to the first, so that the first has the last word.
  for (const { processing: word, when: time, rates: others } of price.variants.toReversed()) {
    if (word === processing && holdsAt(time, when)) rates = { ...rates, ...others }
  }
  return rates
}

/** The rate for a request with this much input in all. */
export function rateFor(rate: Rate, totalInput: number): number {
  if (typeof rate === 'number') return rate
  return rate.tiers.findLast(({ above }) => totalInput > above)?.rate ?? rate.base
}
