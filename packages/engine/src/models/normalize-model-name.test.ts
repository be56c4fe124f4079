import { expect, it } from 'vitest'
import { groq } from '../providers/groq.ts'
import { openai } from '../providers/openai.ts'
import { openrouter } from '../providers/openrouter.ts'
import { xai } from '../providers/xai.ts'
import { bareName, modelNames, nameForms, vendorOf } from './normalize-model-name.ts'

it.each([
  ['gpt-4o', openrouter, 'openai/gpt-4o'],
  ['gpt-4o:nitro', openrouter, 'openai/gpt-4o:nitro'],
  ['claude-sonnet-5', openrouter, 'anthropic/claude-sonnet-5'],
  ['grok-4.7', openrouter, 'x-ai/grok-4.7'],
  ['anthropic/claude-sonnet-5', openrouter, 'anthropic/claude-sonnet-5'],
  ['my-own-model', openrouter, 'my-own-model'],
  ['openai/gpt-4o', openai, 'gpt-4o'],
  ['gpt-4o', openai, 'gpt-4o'],
  ['x-ai/grok-4.7', xai, 'grok-4.7'],
  ['openai/gpt-oss-120b', groq, 'openai/gpt-oss-120b'],
])('%s is sent to a provider like %o as %s', (name, provider, sent) => {
  expect(nameForms(name, provider)[0]).toBe(sent)
})

it('knows the other names of a model', () => {
  expect(nameForms('claude-3-sonnet', openrouter)).toEqual(
    expect.arrayContaining(['anthropic/claude-3-sonnet', 'claude-3-sonnet', 'claude-3-sonnet-20240229']),
  )
  expect(nameForms('anthropic/claude-3.5-sonnet', groq)).toContain('claude-3-5-sonnet-20241022')
})

it('takes rows of the user', () => {
  const names = { ...modelNames, vendors: [{ vendor: 'acme', names: ['rocket-*'] }, ...modelNames.vendors] }
  expect(nameForms('rocket-1', openrouter, names)[0]).toBe('acme/rocket-1')
  expect(bareName('acme/rocket-1', names)).toBe('rocket-1')
  expect(bareName('acme/rocket-1')).toBe('acme/rocket-1')
  expect(vendorOf('rocket-1')).toBeUndefined()
})
