import { calcPrice } from '@pydantic/genai-prices'
import {
  decodeUsage,
  inputClasses,
  noUsage,
  outputClasses,
  totalInput,
  totalOutput,
  type Usage,
} from '@sluice/protocol'
import { anthropicMessages } from '@sluice/protocol/dialects'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadModelTable, type ModelTable } from '../models/model-table.ts'
import { costOf } from './cost-of.ts'
import { flatPrice, holdsAt, type ModelPrice, type PriceTime, ratePerMillion, ratePerUnit } from './model-price.ts'

const when = Date.UTC(2026, 10, 20)

/** USD per million tokens. */
const sonnet = flatPrice('test', {
  input: ratePerMillion(3),
  cacheRead: ratePerMillion(0.3),
  cacheWrite: ratePerMillion(3.75),
  cacheWriteLong: ratePerMillion(6),
  output: ratePerMillion(15),
})

const dollars = (usage: Partial<Usage>, price: ModelPrice | undefined = sonnet): number | null => {
  const { nanoDollars } = costOf({ ...noUsage, ...usage }, price, { when })
  return nanoDollars === null ? null : nanoDollars / 1e9
}

const count = fc.integer({ min: 0, max: 2_000_000 })
const classes = [...inputClasses, ...outputClasses]
const usages: fc.Arbitrary<Usage> = fc.record(
  Object.fromEntries(classes.map((name) => [name, count])) as Record<(typeof classes)[number], typeof count>,
)
const rate = fc.integer({ min: 0, max: 600_000_000 })
const prices: fc.Arbitrary<ModelPrice> = fc
  .record(
    {
      input: rate,
      output: rate,
      cacheRead: rate,
      cacheWrite: rate,
      cacheWriteLong: rate,
      audioInput: rate,
      reasoning: rate,
    },
    { requiredKeys: ['input', 'output'] },
  )
  .map((rates) => flatPrice('test', rates))

describe('costOf', () => {
  it('bills cached input once, at its own price', () => {
    // BerriAI/litellm#14849: 0.1849 USD, where a gateway that counted cached tokens as input too said 0.7642.
    const gemini = flatPrice('test', {
      input: ratePerMillion(1.25),
      cacheRead: ratePerMillion(0.625),
      output: ratePerMillion(10),
    })
    const wire = {
      prompt_tokens: 262_960,
      completion_tokens: 1744,
      total_tokens: 264_704,
      prompt_tokens_details: { cached_tokens: 257_955, text_tokens: 262_960 },
    }
    expect(dollars(decodeUsage(wire) ?? {}, gemini)).toBe(0.184918125)
    // BerriAI/litellm#6215: 86 tokens at the full price and 1,920 at half of it.
    const gpt4o = flatPrice('test', {
      input: ratePerMillion(2.5),
      cacheRead: ratePerMillion(1.25),
      output: ratePerMillion(10),
    })
    const small = {
      prompt_tokens: 2006,
      completion_tokens: 300,
      total_tokens: 2306,
      prompt_tokens_details: { cached_tokens: 1920 },
    }
    expect(dollars(decodeUsage(small) ?? {}, gpt4o)).toBe(0.005615)
  })

  it('bills images that came from the cache once', () => {
    // BerriAI/litellm#37407: 1,142 image tokens, nearly all of them among the 2,432 that were cached.
    const wire = {
      prompt_tokens: 2461,
      completion_tokens: 0,
      prompt_tokens_details: { cached_tokens: 2432, text_tokens: 1319, image_tokens: 1142 },
    }
    const usage = decodeUsage(wire) ?? noUsage
    expect(totalInput(usage)).toBe(2461)
    expect(dollars(usage)).toBe(0.0008166)
  })

  it('bills what Anthropic counts beside the input once, in its own class', () => {
    const read = (usage: object): Partial<Usage> =>
      anthropicMessages.result.decode(
        { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: 'end_turn', usage },
        { warn: () => undefined },
      ).usage ?? {}
    // maximhq/bifrost#3451: 1.06376125 USD, where a gateway that counted written tokens as input too said 1.85984625.
    const opus = flatPrice('test', {
      input: ratePerMillion(5),
      cacheWrite: ratePerMillion(6.25),
      output: ratePerMillion(25),
    })
    const written = { input_tokens: 6, cache_creation_input_tokens: 159_217, output_tokens: 2745 }
    expect(dollars(read(written), opus)).toBe(1.06376125)
    // QuantumNous/new-api#5003: 0.064053, where one that took cached tokens off the input went below zero.
    const haiku = flatPrice('test', {
      input: ratePerMillion(1),
      cacheRead: ratePerMillion(0.1),
      output: ratePerMillion(5),
    })
    const cached = { input_tokens: 56_322, cache_read_input_tokens: 72_960, output_tokens: 87 }
    expect(dollars(read(cached), haiku)).toBe(0.064053)
    // BerriAI/litellm#40016: prices of one's own count once too.
    expect(dollars(read({ ...cached, cache_creation_input_tokens: 1000 }), haiku)).toBe(0.065053)
  })

  it('bills many cached tokens at the price of the cache', () => {
    // maximhq/bifrost#904: 0.34 USD, where a gateway that billed all of them in full said 1.68.
    const gpt5 = flatPrice('test', {
      input: ratePerMillion(1.25),
      cacheRead: ratePerMillion(0.125),
      output: ratePerMillion(10),
    })
    const wire = {
      prompt_tokens: 51_232 + 1_188_096,
      completion_tokens: 12_909,
      prompt_tokens_details: { cached_tokens: 1_188_096 },
    }
    expect(dollars(decodeUsage(wire) ?? {}, gpt5)).toBe(0.341642)
  })

  it('never subtracts: more cached tokens than input is no credit', () => {
    const wire = { prompt_tokens: 5800, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 12_252 } }
    expect(dollars(decodeUsage(wire) ?? {})).toBe(0.0036756)
  })

  it('gives both lives of the cache their price, and the long one that of the short where it has none', () => {
    expect(dollars({ cacheWrite: 1000 })).toBe(0.00375)
    expect(dollars({ cacheWriteLong: 1000 })).toBe(0.006)
    const plain = flatPrice('test', { input: 1000, cacheWrite: 1250, output: 5000 })
    expect(dollars({ cacheWriteLong: 1000 }, plain)).toBe(0.00000125)
  })

  it('keeps every nano-dollar of one token', () => {
    expect(
      costOf({ ...noUsage, input: 1 }, flatPrice('test', { input: ratePerMillion(0.0375) }), { when }),
    ).toMatchObject({ state: 'priced', nanoDollars: 38 })
    expect(dollars({ input: 1_000_000 }, flatPrice('test', { input: ratePerMillion(0.0375) }))).toBe(0.0375)
    // 0.1 + 0.2 in floating point is not 0.3; here it is.
    const price = flatPrice('test', { input: ratePerMillion(0.1), output: ratePerMillion(0.2) })
    expect(dollars({ input: 1_000_000, output: 1_000_000 }, price)).toBe(0.3)
  })

  it('tells what is not known from what is free', () => {
    expect(costOf({ ...noUsage, input: 5 }, undefined, { when })).toMatchObject({
      state: 'unpriced',
      nanoDollars: null,
    })
    const half = flatPrice('test', { input: 1000 })
    expect(costOf({ ...noUsage, input: 5, output: 5 }, half, { when })).toEqual({
      state: 'unpriced',
      nanoDollars: null,
      reason: 'The cost cannot be told: the price of output tokens is not known.',
    })
    expect(dollars({ input: 5 }, half)).toBe(0.000000005)
    expect(costOf({ ...noUsage, input: 5 }, flatPrice('test', { input: 0, output: 0 }), { when })).toMatchObject({
      state: 'priced',
      nanoDollars: 0,
    })
  })

  it("prefers the provider's own word, and keeps ours beside it", () => {
    const usage = { ...noUsage, input: 1000, reported: { costNanoDollars: 2_850_000 } }
    expect(costOf(usage, sonnet, { when })).toEqual({
      state: 'priced',
      nanoDollars: 2_850_000,
      source: 'provider',
      tableNanoDollars: 3_000_000,
      priceVersion: 'test',
    })
    expect(costOf(usage, undefined, { when })).toMatchObject({
      nanoDollars: 2_850_000,
      tableNanoDollars: null,
      priceVersion: null,
    })
  })

  it("takes the provider's word that something is free, and no word for what is no cost", () => {
    const told = (costNanoDollars: number) =>
      costOf({ ...noUsage, input: 1000, reported: { costNanoDollars } }, sonnet, { when })
    expect(told(0)).toMatchObject({ nanoDollars: 0, source: 'provider' })
    for (const none of [-1, 0.5, Number.NaN, Infinity])
      expect(told(none)).toMatchObject({ nanoDollars: 3_000_000, source: 'table' })
  })

  it('says when counts or rates were guessed', () => {
    expect(costOf({ ...noUsage, input: 1, estimated: true }, sonnet, { when }).state).toBe('estimated')
    expect(costOf({ ...noUsage, input: 1 }, sonnet, { when, processing: 'batch' }).state).toBe('estimated')
    expect(costOf({ ...noUsage, input: 1 }, sonnet, { when, processing: 'default' }).state).toBe('priced')
    const variants = [{ processing: 'batch', when: { type: 'always' }, rates: { input: 1 } }] as const
    const stateFor = (processing: string) =>
      costOf({ ...noUsage, input: 1 }, { ...sonnet, variants }, { when, processing }).state
    expect([stateFor('batch'), stateFor('Batch'), stateFor('flex')]).toEqual(['priced', 'priced', 'estimated'])
  })

  it('bills searches, and a request itself where that has a price', () => {
    const sonar = flatPrice('test', {
      input: 1_000_000,
      output: 1_000_000,
      request: 5_000_000_000,
      search: 10_000_000_000,
    })
    expect(dollars({ input: 1000 }, sonar)).toBe(0.006)
    expect(costOf(noUsage, sonar, { when, searches: 3 }).nanoDollars).toBe(35_000_000)
    expect(costOf(noUsage, sonnet, { when, searches: 1 }).state).toBe('unpriced')
  })

  it('bills seconds that were heard and characters that were spoken, and cannot where they have no price', () => {
    const sold = flatPrice('test', { audioSecond: ratePerUnit(0.006 / 60), character: ratePerMillion(15) })
    expect(dollars({ audioSeconds: 90 }, sold)).toBe(0.009)
    expect(dollars({ characters: 1000 }, sold)).toBe(0.015)
    expect(costOf({ ...noUsage, audioSeconds: 1 }, sonnet, { when })).toMatchObject({
      state: 'unpriced',
      reason: 'The cost cannot be told: the price of a second of audio is not known.',
    })
    expect(costOf({ ...noUsage, characters: 1 }, sonnet, { when }).state).toBe('unpriced')
    const atLeastTen: ModelPrice = { ...sold, minimumAudioSeconds: 10 }
    expect([3, 10, 90, 0].map((audioSeconds) => dollars({ audioSeconds }, atLeastTen))).toEqual([
      0.001, 0.001, 0.009, 0,
    ])
  })

  it('is the sum over the classes, to within the rounding of each', () => {
    fc.assert(
      fc.property(usages, prices, (usage, price) => {
        const whole = costOf(usage, price, { when }).nanoDollars ?? -1
        const parts = classes.map(
          (name) => costOf({ ...noUsage, [name]: usage[name] }, price, { when }).nanoDollars ?? -1,
        )
        const sum = parts.reduce((total, part) => total + part, 0)
        expect(Math.abs(whole - sum)).toBeLessThanOrEqual(classes.length / 2)
      }),
    )
  })

  it('is never negative, and never less for more', () => {
    fc.assert(
      fc.property(usages, prices, fc.constantFrom(...classes), count, (usage, price, name, more) => {
        const less = costOf(usage, price, { when }).nanoDollars ?? -1
        expect(less).toBeGreaterThanOrEqual(0)
        expect(costOf({ ...usage, [name]: usage[name] + more }, price, { when }).nanoDollars).toBeGreaterThanOrEqual(
          less,
        )
      }),
    )
  })
})

describe('the time of a price', () => {
  const at = (hour: number, minute: number): number => Date.UTC(2026, 8, 10, hour, minute)

  it.each<[string, PriceTime, held: readonly number[], not: readonly number[]]>([
    ['always', { type: 'always' }, [at(0, 0)], []],
    ['since a moment', { type: 'since', milliseconds: at(1, 0) }, [at(1, 0), at(2, 0)], [at(0, 59)]],
    ['by day', { type: 'daily', startMinute: 60, endMinute: 120 }, [at(1, 0), at(1, 59)], [at(0, 59), at(2, 0)]],
    ['by night', { type: 'daily', startMinute: 990, endMinute: 30 }, [at(16, 30), at(0, 29)], [at(16, 29), at(0, 30)]],
  ])('holds %s', (_, time, held, not) => {
    expect(held.map((moment) => holdsAt(time, moment))).toEqual(held.map(() => true))
    expect(not.map((moment) => holdsAt(time, moment))).toEqual(not.map(() => false))
  })
})

describe('costs by the bundled table', () => {
  let table: ModelTable
  beforeAll(async () => {
    table = await loadModelTable()
  })
  const cost = (
    preset: string,
    model: string,
    usage: Partial<Usage>,
    context: { when?: number; processing?: string } = {},
  ) => costOf({ ...noUsage, ...usage }, table.find(preset, model)?.price, { when, ...context })

  it('takes the tier of all input, for the whole request', () => {
    expect(cost('gemini', 'gemini-2.5-pro', { input: 200_000 }).nanoDollars).toBe(250_000_000)
    expect(cost('gemini', 'gemini-2.5-pro', { input: 200_001 }).nanoDollars).toBe(500_002_500)
    // Cached tokens count for the threshold, and output follows it.
    expect(cost('gemini', 'gemini-2.5-pro', { input: 1, cacheRead: 200_000, output: 1000 }).nanoDollars).toBe(
      65_002_500,
    )
  })

  it('knows when prices changed, and at which hours they do', () => {
    const usage = { input: 1_000_000 }
    const at = (...date: [number, number, number, number?]): number | null =>
      cost('deepseek', 'deepseek-v4-flash', usage, { when: Date.UTC(...date) }).nanoDollars
    expect(at(2026, 7, 16)).toBe(140_000_000)
    expect(at(2026, 7, 17, 12)).toBe(220_000_000)
    expect(at(2026, 8, 10, 12)).toBe(150_000_000)
    expect(at(2026, 8, 10, 2)).toBe(300_000_000)
  })

  it('has prices for batches and for faster processing', () => {
    const usage = { input: 1000, output: 1000 }
    expect(cost('openai', 'gpt-4o', usage).nanoDollars).toBe(12_500_000)
    expect(cost('openai', 'gpt-4o', usage, { processing: 'priority' })).toMatchObject({
      state: 'priced',
      nanoDollars: 21_250_000,
    })
    expect(cost('openai', 'gpt-4o', usage, { processing: 'batch' }).nanoDollars).toBe(6_250_000)
    expect(cost('openai', 'gpt-4o', usage, { processing: 'default' }).nanoDollars).toBe(12_500_000)
  })

  it('has prices for images that are drawn, audio that is heard and text that is spoken', () => {
    expect(cost('openai', 'gpt-image-1.5', { input: 100, output: 10, imageOutput: 1000 }).nanoDollars).toBe(32_600_000)
    expect(cost('openai', 'whisper-1', { audioSeconds: 60 }).nanoDollars).toBe(6_000_000)
    expect(cost('groq', 'whisper-large-v3-turbo', { audioSeconds: 3600 }).nanoDollars).toBe(40_000_000)
    expect(cost('openai', 'tts-1-hd', { characters: 1_000_000 }).nanoDollars).toBe(30_000_000_000)
    expect(cost('openai', 'tts-1', { input: 5 }).state).toBe('unpriced')
  })

  it('agrees with the makers of the table on models whose prices have stood', () => {
    const models: [preset: string, provider: string, model: string][] = [
      ['openai', 'openai', 'gpt-4o'],
      ['openai', 'openai', 'gpt-4.1-mini'],
      ['openai', 'openai', 'o3'],
      ['gemini', 'google', 'gemini-2.5-pro'],
      ['groq', 'groq', 'openai/gpt-oss-120b'],
      ['moonshot', 'moonshotai', 'kimi-k2.6'],
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        count,
        count,
        count,
        count,
        ([preset, providerId, model], input, cacheRead, output, reasoning) => {
          const usage = { ...noUsage, input, cacheRead, output, reasoning }
          const theirs = calcPrice(
            { input_tokens: totalInput(usage), cache_read_tokens: cacheRead, output_tokens: totalOutput(usage) },
            model,
            { providerId, timestamp: new Date(when) },
          )
          const ours = cost(preset, model, usage).nanoDollars ?? -1
          expect(ours / 1e9).toBeCloseTo(theirs?.total_price ?? -1, 8)
        },
      ),
    )
  })
})
