import { flatPrice, type ModelPrice, ratePerMillion, ratePerUnit, type Rates } from '../money/model-price.ts'
import type { PriceSettings } from './price-schema.ts'
import type { ConfigSettings } from './schema.ts'

const perMillion: readonly (readonly [keyof PriceSettings, keyof Rates])[] = [
  ['input', 'input'],
  ['output', 'output'],
  ['cache_read', 'cacheRead'],
  ['cache_write', 'cacheWrite'],
  ['cache_write_long', 'cacheWriteLong'],
  ['audio_input', 'audioInput'],
  ['audio_output', 'audioOutput'],
  ['image_input', 'imageInput'],
  ['image_output', 'imageOutput'],
  ['reasoning', 'reasoning'],
  ['characters', 'character'],
]

/** A price as config writes it. */
export function readPrice(settings: PriceSettings): ModelPrice {
  const rates: Partial<Record<keyof Rates, number>> = {}
  for (const [key, name] of perMillion) {
    const dollars = settings[key]
    if (dollars !== undefined) rates[name] = ratePerMillion(dollars)
  }
  if (settings.request !== undefined) rates.request = ratePerUnit(settings.request)
  if (settings.search !== undefined) rates.search = ratePerUnit(settings.search)
  if (settings.audio_minute !== undefined) rates.audioSecond = ratePerUnit(settings.audio_minute / 60)
  return flatPrice('config', rates)
}

/** Config's `tiers` and `tasks` by the names that callers ask for: `tier:fast`, `task:code`. */
export function readSelectors({ tiers, tasks }: ConfigSettings): ReadonlyMap<string, readonly string[]> {
  const entries = Object.entries({ tier: tiers, task: tasks }).flatMap(([kind, choices]) =>
    Object.entries(choices ?? {}).map(
      ([name, choice]) => [`${kind}:${name}`, typeof choice === 'string' ? [choice] : choice] as const,
    ),
  )
  return new Map(entries)
}
