import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const sambanova: Provider = defineProvider({
  id: 'sambanova',
  name: 'SambaNova',
  baseUrl: 'https://api.sambanova.ai/v1',
  speaks: ['openai-chat', 'openai-embeddings', 'openai-transcriptions'],
  env: { apiKey: ['SAMBANOVA_API_KEY'] },
  models: {
    fallback: ['Meta-Llama-3.3-70B-Instruct', 'gpt-oss-120b', 'DeepSeek-R1-0528', 'DeepSeek-V3-0324', 'Qwen3-32B'],
  },
})
