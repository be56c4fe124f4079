import { dropValue } from '../provider-kit/capability-quirks.ts'
import { keepReasoning } from '../provider-kit/message-quirks.ts'
import { defineProvider, type Provider } from '../provider-kit/provider.ts'
import { clamp, drop, forModels } from '../provider-kit/quirk.ts'

const older = ['kimi-k2*', 'moonshot-*', '!kimi-k2.7*']

export const moonshot: Provider = defineProvider({
  id: 'moonshot',
  name: 'Moonshot AI',
  baseUrl: 'https://api.moonshot.ai/v1',
  hosts: ['api.moonshot.cn'],
  speaks: ['openai-chat'],
  // https://platform.moonshot.ai/docs: the newest models sample in one way only.
  quirks: [
    drop('seed', 'top_k'),
    forModels(['kimi-k3*', 'kimi-k2.7*'], drop('temperature', 'top_p', 'presence_penalty', 'frequency_penalty')),
    forModels(older, clamp('temperature', 0, 1)),
    forModels(older, dropValue('tool_choice', 'required')),
    keepReasoning('reasoning_content'),
  ],
  env: { apiKey: ['MOONSHOT_API_KEY'], baseUrl: ['MOONSHOT_BASE_URL'] },
  models: { fallback: ['kimi-k3', 'kimi-k2.7-code', 'kimi-k2.6', 'kimi-k2.5'] },
  owns: ['kimi-*', 'moonshot-*'],
})
