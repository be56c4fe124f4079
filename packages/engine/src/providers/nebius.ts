import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const nebius: Provider = defineProvider({
  id: 'nebius',
  name: 'Nebius Token Factory',
  baseUrl: 'https://api.tokenfactory.nebius.com/v1',
  hosts: ['api.studio.nebius.ai', 'api.studio.nebius.com'],
  speaks: ['openai-chat', 'openai-completions', 'openai-embeddings', 'openai-images', 'openai-files', 'openai-batches'],
  env: { apiKey: ['NEBIUS_API_KEY'] },
  models: { fallback: ['Qwen/Qwen3-30B-A3B-Instruct-2507', 'nvidia/nemotron-3-super-120b-a12b', 'Qwen/Qwen3-32B'] },
})
