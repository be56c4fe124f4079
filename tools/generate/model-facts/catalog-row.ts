import type { CatalogMatch, CatalogRate, CatalogRates } from '../../../packages/engine/src/models/read-catalog-row.ts'
import type { Constraint, DatedPrices, FeedPrice, FeedPrices, MatchLogic, PriceFeedModel } from './price-feed.ts'

/** Keys of the feed, what they are called in the catalog, and pico-dollars for one USD of theirs. */
const keys: readonly (readonly [feed: string, catalog: keyof CatalogRates, scale: number])[] = [
  ['input_mtok', 'i', 1e6],
  ['cache_read_mtok', 'r', 1e6],
  ['cache_write_mtok', 'w', 1e6],
  ['cache_write_1h_mtok', 'W', 1e6],
  ['input_audio_mtok', 'a', 1e6],
  ['input_image_mtok', 'm', 1e6],
  ['output_mtok', 'o', 1e6],
  ['output_reasoning_mtok', 't', 1e6],
  ['output_audio_mtok', 'A', 1e6],
  ['output_image_mtok', 'M', 1e6],
  ['requests_kcount', 'q', 1e9],
  ['web_searches_kcount', 's', 1e9],
  ['input_audio_hours', 'h', 1e12 / 3600],
  ['input_mchars', 'c', 1e6],
]

/** Every name, pattern (`*` is anything) or regular expression (`^…`) that stands for the model; a list in it: all of these. */
export function catalogMatch(match: MatchLogic): CatalogMatch[] {
  if ('or' in match) return match.or.flatMap(catalogMatch)
  if ('and' in match) {
    const parts = match.and.map((part) => catalogMatch(part))
    const single = parts.map((part) => (part.length === 1 ? part[0] : undefined))
    const texts = single.filter((part) => typeof part === 'string')
    if (texts.length !== parts.length) throw new Error(`Cannot write ${JSON.stringify(match)} as patterns.`)
    return [texts]
  }
  return [patternOf(match)]
}

function patternOf(match: Exclude<MatchLogic, { or: unknown } | { and: unknown }>): string {
  if ('equals' in match) return match.equals.toLowerCase()
  if ('starts_with' in match) return `${match.starts_with.toLowerCase()}*`
  if ('ends_with' in match) return `*${match.ends_with.toLowerCase()}`
  if ('contains' in match) return `*${match.contains.toLowerCase()}*`
  return match.regex.startsWith('^') ? match.regex : `^.*(?:${match.regex})`
}

/** `meta-llama/llama-3.3` → `llama-3.3`, wherever a name is told. */
export function withoutMaker(match: MatchLogic): MatchLogic {
  if ('or' in match) return { or: match.or.map(withoutMaker) }
  return 'equals' in match ? { equals: match.equals.slice(match.equals.lastIndexOf('/') + 1) } : match
}

/** `['', rates]` first; then those that take its place from a day on, or for hours of each day. */
export function catalogPeriods({ prices }: PriceFeedModel): [when: string, rates: CatalogRates][] {
  if (!isList(prices)) return [['', ratesOf(prices)]]
  return prices.map(({ constraint, prices: inner }) => [whenOf(constraint), ratesOf(inner)])
}

const words: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  processing: { batch: 'batch' },
  service_tier: { flex: 'flex', priority: 'priority', fast: 'fast' },
  speed: { fast: 'fast' },
}

export function catalogVariants({ price_variants: variants = [] }: PriceFeedModel): [string, CatalogRates, string?][] {
  return variants.flatMap(({ when, constraint, prices }) => {
    const [key = '', ...others] = Object.keys(when)
    const word = others.length === 0 ? words[key]?.[when[key] ?? ''] : undefined
    const rates = ratesOf(prices)
    if (word === undefined || Object.keys(rates).length === 0) return []
    return [constraint === undefined ? [word, rates] : [word, rates, whenOf(constraint)]]
  })
}

function whenOf(constraint: Constraint | undefined): string {
  if (constraint === undefined) return ''
  if ('start_date' in constraint) return constraint.start_date
  return `${clock(constraint.start_time)}-${clock(constraint.end_time)}`
}

/** `16:30:00+00:00` → `16:30`. */
function clock(time: string): string {
  const [, shown] = /^(\d\d:\d\d):00(?:\+00:00|Z)$/.exec(time) ?? []
  if (shown === undefined) throw new Error(`Cannot read the time of day ${time}.`)
  return shown
}

function ratesOf(prices: FeedPrices): CatalogRates {
  const rates: Partial<Record<keyof CatalogRates, CatalogRate>> = {}
  for (const [feed, name, scale] of keys) {
    const price = prices[feed]
    if (price !== undefined) rates[name] = rateOf(price, scale)
  }
  return rates
}

// Whole pico-dollars. Only repeating decimals of OpenRouter (0.08333… USD) are rounded by this.
function rateOf(price: FeedPrice, scale: number): CatalogRate {
  if (typeof price === 'number') return Math.round(price * scale)
  const tiers = price.tiers.toSorted((left, right) => left.start - right.start)
  return [Math.round(price.base * scale), ...tiers.flatMap((tier) => [tier.start, Math.round(tier.price * scale)])]
}

function isList(value: PriceFeedModel['prices']): value is readonly DatedPrices[] {
  return Array.isArray(value)
}
