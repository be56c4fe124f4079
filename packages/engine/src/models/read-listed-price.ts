import { flatPrice, type ModelPrice, type Rates } from '../money/model-price.ts'

/**
 * The price that an entry of a provider's list tells; `undefined` when it tells none. Units are told apart by
 * where they stand: OpenRouter's `pricing` says USD per token in texts, Together's, DeepInfra's and Hugging
 * Face's USD per million tokens in numbers, a Sluice gateway's `price` too, Novita's 10⁻⁴ USD per million. Of Hugging Face's several providers
 * none is taken: which one serves is not known beforehand.
 *
 * Sources: https://openrouter.ai/docs/api-reference/list-available-models, https://docs.together.ai/reference/models-1,
 * https://deepinfra.com/docs, https://novita.ai/docs/api-reference/model-apis-llm-list-models.
 */
export function readListedPrice(item: Readonly<Record<string, unknown>>): ModelPrice | undefined {
  const { pricing, metadata } = item
  const rates =
    readTokenPrices(item['input_token_price_per_m'], item['output_token_price_per_m']) ??
    (isRecord(pricing) ? readTable(pricing) : undefined) ??
    (isRecord(item['price']) ? readTable(item['price']) : undefined) ??
    (isRecord(metadata) && isRecord(metadata['pricing']) ? readTable(metadata['pricing']) : undefined)
  return rates && flatPrice('provider list', rates)
}

/** Rate → its keys in texts of USD per token, then in numbers of USD per million. */
const keys: readonly (readonly [keyof Rates, perToken: string, perMillion: readonly string[]])[] = [
  ['input', 'prompt', ['input', 'input_tokens']],
  ['output', 'completion', ['output', 'output_tokens']],
  ['cacheRead', 'input_cache_read', ['cached_input', 'cache_read_tokens', 'cache_read']],
  ['cacheWrite', 'input_cache_write', ['cache_write']],
  ['cacheWriteLong', 'input_cache_write_1h', []],
  ['audioInput', 'audio', []],
  ['reasoning', 'internal_reasoning', []],
  ['request', 'request', []],
  ['search', 'web_search', []],
]

function readTable(table: Readonly<Record<string, unknown>>): Rates | undefined {
  // Prices that change with the size of the request are in the bundled table, or in the cost that is reported.
  if (Array.isArray(table['overrides']) && table['overrides'].length > 0) return undefined
  const rates: Partial<Record<keyof Rates, number>> = {}
  for (const [name, perToken, perMillion] of keys) {
    const rate =
      readText(table[perToken]) ??
      readNumber(
        perMillion.map((key) => table[key]),
        1e6,
      )
    // OpenRouter writes 0 for what has no price of its own.
    if (rate !== undefined && (rate > 0 || name === 'input' || name === 'output')) rates[name] = rate
  }
  const { input, output } = rates
  if (input === undefined || output === undefined) return undefined
  // In numbers, nothing for both says that it is not sold by the token; only in texts is it a free model.
  return input + output === 0 && typeof table['prompt'] !== 'string' ? undefined : rates
}

function readTokenPrices(input: unknown, output: unknown): Rates | undefined {
  const inputRate = readNumber([input], 100)
  const outputRate = readNumber([output], 100)
  return inputRate === undefined || outputRate === undefined || inputRate + outputRate === 0
    ? undefined
    : { input: inputRate, output: outputRate }
}

/** `0.000002` USD in pico-dollars; negative stands for "depends" at OpenRouter. */
function readText(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d+(?:\.\d+)?(?:e-?\d+)?$/i.test(value)) return undefined
  return asRate(Number(value) * 1e12)
}

function readNumber(candidates: readonly unknown[], scale: number): number | undefined {
  const value = candidates.find((candidate) => typeof candidate === 'number' && candidate >= 0)
  return typeof value === 'number' ? asRate(value * scale) : undefined
}

function asRate(picoDollars: number): number | undefined {
  const rate = Math.round(picoDollars)
  return Number.isSafeInteger(rate) ? rate : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
