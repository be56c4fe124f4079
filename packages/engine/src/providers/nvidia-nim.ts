import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const nvidiaNim: Provider = defineProvider({
  id: 'nvidia-nim',
  name: 'NVIDIA NIM',
  baseUrl: 'https://integrate.api.nvidia.com/v1',
  speaks: ['openai-chat', 'openai-completions', 'openai-embeddings'],
  env: { apiKey: ['NVIDIA_API_KEY'], baseUrl: ['NVIDIA_BASE_URL'] },
  models: {
    fallback: ['nvidia/nemotron-3-super-120b-a12b', 'google/gemma-4-31b-it', 'moonshotai/kimi-k2.6', 'z-ai/glm-5.1'],
  },
})
