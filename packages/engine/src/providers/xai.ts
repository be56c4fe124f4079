import { defineProvider, type Provider } from '../provider-kit/provider.ts'
import { drop, forModels } from '../provider-kit/quirk.ts'

export const xai: Provider = defineProvider({
  id: 'xai',
  name: 'xAI',
  baseUrl: 'https://api.x.ai/v1',
  speaks: ['openai-chat', 'openai-responses', 'openai-images'],
  quirks: [
    forModels(
      ['grok-3-mini*', 'grok-4*', 'grok-code*', 'grok-latest', '!*non-reasoning*'],
      drop('presence_penalty', 'frequency_penalty', 'stop'),
    ),
    forModels(['grok-4.20*'], drop('reasoning_effort')),
  ],
  env: { apiKey: ['XAI_API_KEY'] },
  models: { fallback: ['grok-4.7', 'grok-latest', 'grok-4.6', 'grok-4.5', 'grok-4.3', 'grok-4.20-non-reasoning'] },
  owns: ['grok-*'],
})
