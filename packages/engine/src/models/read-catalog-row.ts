import type { ModelPrice, PricePeriod, PriceTime, PriceVariant, Rate, Rates } from '../money/model-price.ts'

/** A line of the bundled catalog: `[id, match, context, deprecated, [when, rates]…, [[processing, rates, when?]…]?]`. */
export type CatalogRow = readonly [
  id: string,
  match: string | readonly CatalogMatch[],
  /** Tokens; 0: not known. */
  contextWindow: number,
  deprecated: 0 | 1,
  ...prices: readonly CatalogPrice[],
]

/** A name, a pattern in which `*` is anything, or a regular expression (`^…`); of a list, all must hold. */
export type CatalogMatch = string | readonly string[]

/** `when`: empty, a day (`2026-09-10`), or hours of each day (`16:30-00:30`), all UTC. */
type CatalogPeriod = readonly [when: string, rates: CatalogRates]
type CatalogVariant = readonly [processing: string, rates: CatalogRates, when?: string]

type CatalogPrice = CatalogPeriod | readonly CatalogVariant[]

/** Pico-dollars each; with tiers `[base, above, rate, above, rate…]`. */
export type CatalogRate = number | readonly number[]

/**
 * Input, cache read, write and long write, audio and image input; output, thinking, audio and image output; request,
 * search, second of audio, character.
 */
export type CatalogRates = Readonly<
  Partial<Record<'i' | 'r' | 'w' | 'W' | 'a' | 'm' | 'o' | 't' | 'A' | 'M' | 'q' | 's' | 'h' | 'c', CatalogRate>>
>

const rateNames: Readonly<Record<string, keyof Rates>> = {
  i: 'input',
  r: 'cacheRead',
  w: 'cacheWrite',
  W: 'cacheWriteLong',
  a: 'audioInput',
  m: 'imageInput',
  o: 'output',
  t: 'reasoning',
  A: 'audioOutput',
  M: 'imageOutput',
  q: 'request',
  s: 'search',
  h: 'audioSecond',
  c: 'character',
}

/** The price that a row tells; `undefined` when it tells none. */
export function readCatalogPrice([, , , , ...prices]: CatalogRow, version: string): ModelPrice | undefined {
  const periods: PricePeriod[] = []
  const variants: PriceVariant[] = []
  for (const entry of prices) {
    if (isPeriod(entry)) periods.push({ when: readTime(entry[0]), rates: readRates(entry[1]) })
    else {
      for (const [processing, rates, when = ''] of entry) {
        variants.push({ processing, rates: readRates(rates), when: readTime(when) })
      }
    }
  }
  if (periods.every(({ rates }) => Object.keys(rates).length === 0)) return undefined
  return { version, periods, variants }
}

/** Whether a model's name, in lower case, is one of the row's. */
export function matchesRow([, match]: CatalogRow, name: string): boolean {
  if (typeof match === 'string') return matches(match, name)
  return match.some((one) => (typeof one === 'string' ? matches(one, name) : one.every((part) => matches(part, name))))
}

/** The names of a row that are no patterns. */
export function exactNames([, match]: CatalogRow): readonly string[] {
  const names = typeof match === 'string' ? [match] : match.filter((one) => typeof one === 'string')
  return names.filter((name) => !isPattern(name))
}

export function hasPattern([, match]: CatalogRow): boolean {
  return typeof match === 'string' ? isPattern(match) : match.some((one) => typeof one !== 'string' || isPattern(one))
}

function isPattern(name: string): boolean {
  return name.startsWith('^') || name.includes('*')
}

function matches(pattern: string, name: string): boolean {
  if (pattern.startsWith('^')) return new RegExp(pattern).test(name)
  if (!pattern.includes('*')) return pattern === name
  const starts = pattern.startsWith('*')
  const ends = pattern.endsWith('*')
  const text = pattern.slice(starts ? 1 : 0, ends ? -1 : undefined)
  if (starts && ends) return name.includes(text)
  return starts ? name.endsWith(text) : name.startsWith(text)
}

function isPeriod(entry: CatalogPrice): entry is CatalogPeriod {
  return typeof entry[0] === 'string'
}

function readTime(when: string): PriceTime {
  if (when === '') return { type: 'always' }
  const [, startHour, startMinute, endHour, endMinute] = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(when) ?? []
  if (startHour === undefined) return { type: 'since', milliseconds: Date.parse(`${when}T00:00:00Z`) }
  return {
    type: 'daily',
    startMinute: Number(startHour) * 60 + Number(startMinute),
    endMinute: Number(endHour) * 60 + Number(endMinute),
  }
}

function readRates(rates: CatalogRates): Rates {
  const read: Partial<Record<keyof Rates, Rate>> = {}
  for (const [key, rate] of Object.entries(rates)) {
    const name = rateNames[key]
    if (name !== undefined) read[name] = readRate(rate)
  }
  return read
}

function readRate(rate: CatalogRate): Rate {
  if (typeof rate === 'number') return rate
  const [base = 0, ...steps] = rate
  const tiers: { above: number; rate: number }[] = []
  for (let index = 0; index + 1 < steps.length; index += 2) {
    tiers.push({ above: steps[index] ?? 0, rate: steps[index + 1] ?? 0 })
  }
  return { base, tiers }
}
