import { headerAuth } from '../provider-kit/auth.ts'
import { claudeModelQuirks } from '../provider-kit/model-quirks.ts'
import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const anthropic: Provider = defineProvider({
  id: 'anthropic',
  name: 'Anthropic',
  baseUrl: 'https://api.anthropic.com/v1',
  // ANTHROPIC_BASE_URL is the address alone, by the convention of Anthropic's SDKs.
  completesBaseUrl: true,
  auth: headerAuth('x-api-key'),
  speaks: ['anthropic-messages', 'anthropic-count-tokens'],
  quirks: claudeModelQuirks,
  env: { apiKey: ['ANTHROPIC_API_KEY'], baseUrl: ['ANTHROPIC_BASE_URL'] },
  // The version is demanded of calls without a dialect too, such as the list of models.
  headers: { 'anthropic-version': '2023-06-01' },
  modelsPath: '/models?limit=1000',
  models: {
    fallback: [
      'claude-sonnet-5-5',
      'claude-haiku-5-5',
      'claude-opus-5-5',
      'claude-fable-5-2',
      'claude-sonnet-5',
      'claude-haiku-4-5',
    ],
  },
  owns: ['claude*'],
})
