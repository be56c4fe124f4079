import { defineProvider, type Provider } from '../provider-kit/provider.ts'
import { drop } from '../provider-kit/quirk.ts'

export const moonshot: Provider = defineProvider({
  id: 'moonshot',
  name: 'Moonshot AI',
  baseUrl: 'https://api.moonshot.ai/v1',
  hosts: ['api.moonshot.cn'],
  speaks: ['openai-chat'],
  quirks: [drop('seed')],
  env: { apiKey: ['MOONSHOT_API_KEY'], baseUrl: ['MOONSHOT_BASE_URL'] },
  models: { fallback: ['kimi-k3', 'kimi-k2.7-code', 'kimi-k2.6', 'kimi-k2.5'] },
  owns: ['kimi-*', 'moonshot-*'],
})
