import { headerAuth } from '../provider-kit/auth.ts'
import { defineProvider, type Provider } from '../provider-kit/provider.ts'
import { drop, forModels } from '../provider-kit/quirk.ts'

export const gemini: Provider = defineProvider({
  id: 'gemini',
  name: 'Google Gemini',
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  auth: headerAuth('x-goog-api-key'),
  speaks: [
    'gemini-generate',
    'gemini-count-tokens',
    { dialect: 'openai-chat', path: '/openai/chat/completions' },
    'gemini-batch-embed',
    'gemini-embed',
    { dialect: 'openai-embeddings', path: '/openai/embeddings' },
    { dialect: 'openai-images', path: '/openai/images/generations' },
  ],
  // The compatible endpoint refuses members that it does not know.
  quirks: [
    drop('user', 'metadata', 'store', 'logit_bias', 'parallel_tool_calls', 'service_tier', 'prompt_cache_key'),
    forModels(['gemini-2.5*'], drop('presence_penalty', 'frequency_penalty')),
  ],
  env: { apiKey: ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'] },
  modelsPath: '/models?pageSize=1000',
  modelPrefix: 'models/',
  models: {
    fallback: ['gemini-3.8-flash', 'gemini-3.5-flash-lite', 'gemini-3.7-flash', 'gemini-4-carbon', 'gemini-2.5-pro'],
  },
  owns: ['gemini-*', 'imagen-*', 'veo-*'],
})
