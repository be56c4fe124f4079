import { expect, it } from 'vitest'
import { providers } from '../providers.generated.ts'
import { detectProvider, detectProviderName } from './detect-provider.ts'

it.each([
  ['https://openrouter.ai/api/v1', 'OpenRouter'],
  ['https://OPENROUTER.AI./api/v1', 'OpenRouter'],
  ['https://api.openai.com/v1', 'OpenAI'],
  ['https://eu.api.openai.com/v1', 'OpenAI'],
  ['https://api.together.xyz/v1', 'Together AI'],
  ['https://api.together.ai/v1', 'Together AI'],
  ['https://together.ai', 'Together AI'],
  ['https://acme.openai.azure.com/openai/v1', 'Azure OpenAI'],
  ['https://acme.services.ai.azure.com/openai/v1', 'Azure OpenAI'],
  ['https://models.inference.ai.azure.com', 'GitHub Models'],
  ['https://api.endpoints.anyscale.com/v1', 'Anyscale'],
  ['https://api.cloudflare.com/client/v4/accounts/{account}/ai/v1', 'Cloudflare Workers AI'],
  ['https://api.anthropic.com', 'Anthropic'],
  ['http://127.0.0.1:11434/v1', 'Ollama'],
  ['http://[::1]:1234/v1', 'LM Studio'],
])('knows %s as %s', (url, name) => {
  expect(detectProviderName(url, providers)).toBe(name)
})

it.each([
  'https://evil.test/?openrouter.ai',
  'https://evil.test/openrouter.ai',
  'https://evil.test#openrouter.ai',
  'https://openrouter.ai.evil.test/api/v1',
  'https://notopenrouter.ai/api/v1',
  'https://openrouter.ai@evil.test/api/v1',
  'https://openrouter.ai%2f@evil.test/',
  'https://openai.azure.com.evil.test/',
  'ftp://openrouter.ai/api/v1',
  'openrouter.ai',
  'http://127.0.0.1:9999/v1',
  'http://evil.test:11434/v1',
  'https://api.v98store.com/v1',
  '',
])('does not take %s for a provider that it is not', (url) => {
  expect(detectProvider(url, providers)).toBeUndefined()
  expect(detectProviderName(url, providers)).toBe('OpenAI Compatible')
})
