import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const cloudflareWorkersAi: Provider = defineProvider({
  id: 'cloudflare-workers-ai',
  name: 'Cloudflare Workers AI',
  baseUrl: 'https://api.cloudflare.com/client/v4/accounts/{account}/ai/v1',
  speaks: ['openai-chat', 'openai-embeddings'],
  env: { apiKey: ['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_API_KEY'], settings: { account: ['CLOUDFLARE_ACCOUNT_ID'] } },
  modelsPath: '../models/search',
  models: { fallback: ['@cf/openai/gpt-oss-120b', '@cf/openai/gpt-oss-20b', '@cf/zai-org/glm-4.7-flash'] },
})
