import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const deepseek: Provider = defineProvider({
  id: 'deepseek',
  name: 'DeepSeek',
  baseUrl: 'https://api.deepseek.com',
  speaks: ['openai-chat'],
  env: { apiKey: ['DEEPSEEK_API_KEY'] },
  models: {
    fallback: ['deepseek-flash', 'deepseek-v4-pro', 'deepseek-v4-flash', 'deepseek-chat', 'deepseek-reasoner'],
  },
  owns: ['deepseek-*'],
})
