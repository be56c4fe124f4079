import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noUsage, totalInput, totalOutput } from '../../ir/usage.ts'
import { decodeFinishReason } from './finish-reason.ts'
import { decodeUsage, encodeKeptUsage, encodeUsage, findUsage } from './usage.ts'

describe('decodeUsage', () => {
  it('splits inclusive totals into disjoint classes', () => {
    expect(
      decodeUsage({
        prompt_tokens: 1000,
        completion_tokens: 500,
        total_tokens: 1500,
        prompt_tokens_details: { cached_tokens: 600, cache_write_tokens: 100, audio_tokens: 50, image_tokens: 30 },
        completion_tokens_details: {
          reasoning_tokens: 200,
          audio_tokens: 40,
          accepted_prediction_tokens: 9,
          rejected_prediction_tokens: 10,
        },
      }),
    ).toEqual({
      input: 220,
      cacheRead: 600,
      cacheWrite: 100,
      cacheWriteLong: 0,
      audioInput: 50,
      imageInput: 30,
      output: 250,
      reasoning: 200,
      audioOutput: 40,
      imageOutput: 0,
      rejectedPrediction: 10,
      reported: { input: 1000, output: 500, total: 1500 },
    })
  })

  it('tells long-lived cache writes from short-lived ones', () => {
    const details = { cache_write_tokens: 100, cache_write_tokens_details: { ttl_30m_tokens: 60, ttl_12h_tokens: 40 } }
    expect(decodeUsage({ prompt_tokens: 100, prompt_tokens_details: details })).toMatchObject({
      cacheWrite: 60,
      cacheWriteLong: 40,
      input: 0,
    })
  })

  it('never goes below zero and takes only counts', () => {
    expect(
      decodeUsage({ prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 9 } }),
    ).toMatchObject({ input: 0, cacheRead: 9 })
    expect(decodeUsage({ prompt_tokens: '5', completion_tokens: -3, total_tokens: null })).toMatchObject({
      input: 0,
      output: 0,
    })
    for (const none of [null, undefined, 7, [], 'usage', {}, { cost: 1 }]) expect(decodeUsage(none)).toBeUndefined()
  })

  it('finds cached tokens under the names of DeepSeek and Moonshot', () => {
    const deepseek = {
      prompt_tokens: 30,
      completion_tokens: 1,
      prompt_cache_hit_tokens: 20,
      prompt_cache_miss_tokens: 10,
    }
    expect(decodeUsage(deepseek)).toMatchObject({ input: 10, cacheRead: 20 })
    expect(decodeUsage({ prompt_cache_hit_tokens: 20, prompt_cache_miss_tokens: 10 })).toMatchObject({
      input: 10,
      cacheRead: 20,
    })
    expect(decodeUsage({ prompt_tokens: 30, cached_tokens: 7 })).toMatchObject({ input: 23, cacheRead: 7 })
  })

  it('adds reasoning that the provider counts beside its output', () => {
    const wire = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 115,
      completion_tokens_details: { reasoning_tokens: 100 },
    }
    expect(decodeUsage(wire)).toMatchObject({ output: 5, reasoning: 100 })
    expect(decodeUsage({ ...wire, total_tokens: 15 })).toMatchObject({ output: 0, reasoning: 100 })
  })

  it('works out a count from the total', () => {
    expect(decodeUsage({ total_tokens: 12 })).toMatchObject({ input: 12, output: 0 })
    expect(decodeUsage({ prompt_tokens: 10, total_tokens: 12 })).toMatchObject({ input: 10, output: 2 })
  })

  it.each([
    [{ cost: 0.00123 }, 1_230_000],
    [{ cost: { total_cost: 0.005015 } }, 5_015_000],
    [{ cost_in_usd_ticks: 37_756_000 }, 3_775_600],
    [{ estimated_cost: 1e-6 }, 1000],
    [{ cost: 'free' }, undefined],
  ])('reads the price in %j', (extra, nanoDollars) => {
    expect(decodeUsage({ prompt_tokens: 1, ...extra })?.reported?.costNanoDollars).toBe(nanoDollars)
  })

  it('looks where Groq and Moonshot put it', () => {
    const usage = { prompt_tokens: 1 }
    expect(findUsage({ usage: null, x_groq: { usage } })).toBe(usage)
    expect(findUsage({ choices: [{ usage }] })).toBe(usage)
    expect(findUsage({ choices: [] })).toBeUndefined()
  })
})

describe('encodeUsage', () => {
  it('gives totals that equal the sum of the classes, and is undone by decodeUsage', () => {
    const names = Object.keys(noUsage) as (keyof typeof noUsage)[]
    const usage = fc.tuple(...names.map(() => fc.nat({ max: 1e6 }))).map((counts) => ({
      ...noUsage,
      ...Object.fromEntries(names.map((name, index) => [name, counts[index]])),
      cacheWriteLong: 0,
    }))
    fc.assert(
      fc.property(usage, (value) => {
        const wire = encodeUsage(value)
        expect(wire.prompt_tokens).toBe(totalInput(value))
        expect(wire.completion_tokens).toBe(totalOutput(value))
        expect(wire.total_tokens).toBe(wire.prompt_tokens + wire.completion_tokens)
        const reported = { input: wire.prompt_tokens, output: wire.completion_tokens, total: wire.total_tokens }
        expect(decodeUsage(wire)).toEqual({ ...value, reported })
      }),
    )
  })

  it('prefers what the provider wrote while it says the same', () => {
    const wire = { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6, queue_time: 0.1 }
    const usage = decodeUsage(wire)!
    expect(encodeKeptUsage(usage, wire)).toBe(wire)
    expect(encodeKeptUsage({ ...usage, output: 3 }, wire)).toEqual(encodeUsage({ ...usage, output: 3 }))
    expect(encodeKeptUsage(usage, undefined)).toEqual(encodeUsage(usage))
  })
})

describe('decodeFinishReason', () => {
  it.each([
    ['stop', 'stop'],
    ['eos', 'stop'],
    ['COMPLETE', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['model_length', 'length'],
    ['tool_use', 'tool-calls'],
    ['function_call', 'tool-calls'],
    ['SAFETY', 'content-filter'],
    ['refusal', 'content-filter'],
    ['insufficient_system_resource', 'error'],
    ['abort', 'error'],
    ['a word of tomorrow', 'stop'],
    ['constructor', 'stop'],
  ])('%s means %s', (word, reason) => {
    expect(decodeFinishReason(word)).toBe(reason)
  })
})
