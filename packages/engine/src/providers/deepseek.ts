import { jsonSchemaAsText, thinkingOff } from '../provider-kit/capability-quirks.ts'
import { keepReasoning, systemRole } from '../provider-kit/message-quirks.ts'
import { defineProvider, type Provider } from '../provider-kit/provider.ts'
import { drop, rename, replace } from '../provider-kit/quirk.ts'

export const deepseek: Provider = defineProvider({
  id: 'deepseek',
  name: 'DeepSeek',
  baseUrl: 'https://api.deepseek.com',
  speaks: ['openai-chat', { dialect: 'openai-completions', path: '/beta/completions' }],
  quirks: [
    rename('max_completion_tokens', 'max_tokens'),
    replace('reasoning_effort', { minimal: 'low', medium: 'high', xhigh: 'max' }),
    thinkingOff,
    drop('seed'),
    jsonSchemaAsText,
    systemRole,
    keepReasoning('reasoning_content'),
  ],
  env: { apiKey: ['DEEPSEEK_API_KEY'] },
  models: {
    fallback: ['deepseek-flash', 'deepseek-v4-pro', 'deepseek-v4-flash', 'deepseek-chat', 'deepseek-reasoner'],
  },
  owns: ['deepseek-*'],
})
