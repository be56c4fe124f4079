import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const huggingFace: Provider = defineProvider({
  id: 'hugging-face',
  name: 'Hugging Face',
  baseUrl: 'https://router.huggingface.co/v1',
  speaks: ['openai-chat', 'openai-responses'],
  env: { apiKey: ['HF_TOKEN', 'HUGGINGFACE_API_KEY'] },
  modelVariants: true,
  models: { fallback: ['openai/gpt-oss-120b', 'zai-org/GLM-5.1', 'moonshotai/Kimi-K2.6', 'MiniMaxAI/MiniMax-M2.7'] },
})
