import { defineProvider, type Provider } from '../provider-kit/provider.ts'
import { drop, rename } from '../provider-kit/quirk.ts'

export const ollama: Provider = defineProvider({
  id: 'ollama',
  name: 'Ollama',
  baseUrl: 'http://localhost:11434/v1',
  speaks: [
    'openai-chat',
    'openai-responses',
    'anthropic-messages',
    { dialect: 'ollama-chat', path: '../api/chat' },
    { dialect: 'ollama-generate', path: '../api/generate' },
    'openai-completions',
    'openai-embeddings',
    { dialect: 'ollama-embed', path: '../api/embed' },
    'openai-transcriptions',
  ],
  quirks: [rename('max_completion_tokens', 'max_tokens'), drop('n', 'logit_bias')],
  env: { apiKey: ['OLLAMA_API_KEY'], baseUrl: ['OLLAMA_BASE_URL', 'OLLAMA_HOST'] },
  local: true,
})
