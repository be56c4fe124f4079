import { dropInMessages } from '../provider-kit/message-quirks.ts'
import { defineProvider, type Provider } from '../provider-kit/provider.ts'
import { drop, only } from '../provider-kit/quirk.ts'

export const groq: Provider = defineProvider({
  id: 'groq',
  name: 'Groq',
  baseUrl: 'https://api.groq.com/openai/v1',
  speaks: [
    'openai-chat',
    'openai-responses',
    'openai-speech',
    'openai-transcriptions',
    'openai-translations',
    'openai-files',
    'openai-batches',
  ],
  quirks: [only('n', 1), drop('logit_bias', 'logprobs', 'top_logprobs'), dropInMessages('name')],
  // https://groq.com/pricing
  minimumAudioSeconds: 10,
  env: { apiKey: ['GROQ_API_KEY'] },
  models: { fallback: ['openai/gpt-oss-120b', 'openai/gpt-oss-20b', 'qwen/qwen3.8-27b', 'qwen/qwen3.6-27b'] },
})
