import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const openaiCompatible: Provider = defineProvider({
  id: 'openai-compatible',
  name: 'OpenAI Compatible',
  baseUrl: 'https://openrouter.ai/api/v1',
  speaks: [
    'openai-chat',
    'openai-completions',
    'openai-embeddings',
    'openai-moderations',
    'openai-images',
    'openai-speech',
    'jina-rerank',
    'openai-image-edits',
    'openai-transcriptions',
    'openai-translations',
    'openai-files',
    'openai-batches',
  ],
  aliases: ['openrouter'],
  env: {
    apiKey: ['OPENAI_COMPATIBLE_API_KEY'],
    baseUrl: ['OPENAI_COMPATIBLE_BASE_URL', 'OPENAI_COMPATIBLE_API_BASE'],
    defaultModel: ['OPENAI_COMPATIBLE_DEFAULT_MODEL'],
  },
  generic: true,
})
