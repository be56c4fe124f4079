import { openaiModelQuirks } from '../provider-kit/model-quirks.ts'
import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const openai: Provider = defineProvider({
  id: 'openai',
  name: 'OpenAI',
  baseUrl: 'https://api.openai.com/v1',
  speaks: [
    'openai-chat',
    'openai-responses',
    'openai-input-tokens',
    { dialect: 'openai-completions', models: ['gpt-3.5-turbo-instruct*', 'davinci-002', 'babbage-002'] },
    'openai-embeddings',
    'openai-moderations',
    'openai-images',
    'openai-speech',
    'openai-image-edits',
    'openai-transcriptions',
    'openai-translations',
    'openai-files',
    'openai-batches',
  ],
  quirks: openaiModelQuirks,
  env: {
    apiKey: ['OPENAI_API_KEY'],
    baseUrl: ['OPENAI_BASE_URL'],
    headers: { 'OpenAI-Organization': 'OPENAI_ORG_ID', 'OpenAI-Project': 'OPENAI_PROJECT_ID' },
  },
  models: { fallback: ['gpt-6-sol', 'gpt-6-luna', 'gpt-6.1-terra', 'gpt-6.1-sol', 'gpt-6-astra'] },
  owns: [
    'gpt-*',
    '!gpt-oss*',
    'chatgpt-*',
    'o1*',
    'o3*',
    'o4*',
    'ft:*',
    'text-embedding-*',
    'tts-*',
    'whisper-1',
    '*-moderation-*',
    'dall-e-*',
  ],
})
