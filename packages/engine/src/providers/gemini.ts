import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const gemini: Provider = defineProvider({
  id: 'gemini',
  name: 'Google Gemini',
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
  speaks: ['openai-chat', 'openai-embeddings', 'openai-images'],
  env: { apiKey: ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'] },
  modelPrefix: 'models/',
  models: {
    fallback: ['gemini-3.8-flash', 'gemini-3.5-flash-lite', 'gemini-3.7-flash', 'gemini-4-carbon', 'gemini-2.5-pro'],
  },
  owns: ['gemini-*', 'imagen-*', 'veo-*'],
})
