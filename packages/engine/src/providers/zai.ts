import { thinkingOff } from '../provider-kit/capability-quirks.ts'
import { defineProvider, type Provider } from '../provider-kit/provider.ts'
import { clamp, only } from '../provider-kit/quirk.ts'

export const zai: Provider = defineProvider({
  id: 'zai',
  name: 'Z.ai',
  baseUrl: 'https://api.z.ai/api/paas/v4',
  hosts: ['open.bigmodel.cn'],
  speaks: ['openai-chat', 'openai-embeddings', 'openai-images'],
  quirks: [clamp('temperature', 0, 1), only('tool_choice', 'auto'), thinkingOff],
  env: { apiKey: ['ZAI_API_KEY', 'ZHIPU_API_KEY'], baseUrl: ['ZAI_BASE_URL'] },
  models: { fallback: ['glm-5.3-flash', 'glm-5.3', 'glm-5.2', 'glm-5.1', 'glm-4.7', 'glm-4.6v'] },
  owns: ['glm-*'],
})
