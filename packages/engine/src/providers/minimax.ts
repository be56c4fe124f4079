import { defineProvider, type Provider } from '../provider-kit/provider.ts'
import { clamp, drop } from '../provider-kit/quirk.ts'

export const minimax: Provider = defineProvider({
  id: 'minimax',
  name: 'MiniMax',
  baseUrl: 'https://api.minimax.io/v1',
  hosts: ['api.minimaxi.com'],
  speaks: ['openai-chat'],
  quirks: [clamp('temperature', 0.01, 1), drop('presence_penalty', 'frequency_penalty', 'logit_bias')],
  env: { apiKey: ['MINIMAX_API_KEY'], baseUrl: ['MINIMAX_BASE_URL'] },
  models: { fallback: ['MiniMax-M3', 'MiniMax-M2.7', 'MiniMax-M2.7-highspeed', 'MiniMax-M2.5'] },
  owns: ['minimax-*'],
})
