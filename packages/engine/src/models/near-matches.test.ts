import { expect, it } from 'vitest'
import { nearMatches } from './near-matches.ts'

const models = [
  'groq/llama-3.3-70b-versatile',
  'openai/gpt-4o',
  'openai/gpt-4o-mini',
  'openrouter/anthropic/claude-sonnet-5',
  'house-model',
]

it.each([
  ['gpt-4o', 'openai/gpt-4o'],
  ['gtp-4o', 'openai/gpt-4o'],
  ['openai/gpt4o', 'openai/gpt-4o'],
  ['Llama-3.3-70b-versatil', 'groq/llama-3.3-70b-versatile'],
  ['sonnet', 'openrouter/anthropic/claude-sonnet-5'],
  ['hose-model', 'house-model'],
])('for %s names %s first', (name, nearest) => {
  expect(nearMatches(name, models)[0]).toBe(nearest)
})

it('names nothing for what is like nothing', () => {
  expect(nearMatches('zzzzzzzz', models)).toEqual([])
  expect(nearMatches('x'.repeat(256), models)).toEqual([])
  expect(nearMatches('', models)).toEqual([])
})

it('names at most as many as asked for, each once', () => {
  const many = Array.from({ length: 50 }, (_, index) => `gpt-${index}`)
  expect(nearMatches('gpt-x', [...many, ...many])).toHaveLength(3)
  expect(new Set(nearMatches('gpt-x', [...many, ...many], 10)).size).toBe(10)
})
