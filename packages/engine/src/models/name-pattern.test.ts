import { expect, it } from 'vitest'
import { fitsPatterns } from './name-pattern.ts'

it.each<[string, string[], boolean]>([
  ['gpt-6-sol', ['gpt-*'], true],
  ['GPT-6', ['gpt-*'], true],
  ['MiniMax-M3', ['minimax-*'], true],
  ['gpt-oss-120b', ['gpt-*', '!gpt-oss*'], false],
  ['gpt-oss-120b', ['!gpt-oss*', 'gpt-*'], false],
  ['sonar', ['sonar'], true],
  ['sonar-pro', ['sonar'], false],
  ['llama-3-nemotron-70b', ['*nemotron*'], true],
  ['aba', ['ab*ba'], false],
  ['abba', ['ab*ba'], true],
  ['a-b-c', ['a*b*c'], true],
  ['a-c-b', ['a*b*c'], false],
  ['abc', ['a*bc*c'], false],
  ['anything', ['*'], true],
  ['a.b', ['a?b'], false],
  ['x', [], false],
])('%s against %j is %s', (name, patterns, fits) => {
  expect(fitsPatterns(name, patterns)).toBe(fits)
})
