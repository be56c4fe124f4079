import { defineProvider, type Provider } from '../provider-kit/provider.ts'
import { drop, forModels, inDialect, only } from '../provider-kit/quirk.ts'

/**
 * https://docs.cohere.com/v2/reference/chat and https://docs.cohere.com/docs/compatibility-api. Paths climb, so that a base
 * URL may be that of either.
 */
export const cohere: Provider = defineProvider({
  id: 'cohere',
  name: 'Cohere',
  baseUrl: 'https://api.cohere.com',
  hosts: ['api.cohere.ai'],
  speaks: [
    { dialect: 'cohere-chat', path: '../../v2/chat' },
    { dialect: 'openai-chat', path: '../../compatibility/v1/chat/completions' },
    { dialect: 'cohere-embed', path: '../../v2/embed' },
    { dialect: 'openai-embeddings', path: '../../compatibility/v1/embeddings' },
    { dialect: 'cohere-rerank', path: '../../v2/rerank' },
  ],
  quirks: [
    only('n', 1),
    drop(
      'logit_bias',
      'top_logprobs',
      'parallel_tool_calls',
      'store',
      'metadata',
      'modalities',
      'prediction',
      'audio',
      'service_tier',
    ),
    inDialect(
      'cohere-chat',
      forModels(
        ['command-a-03-2025', 'command-a-vision-*', 'command-a-translate-*', 'command-r*', 'c4ai-*'],
        drop('thinking'),
      ),
    ),
  ],
  env: { apiKey: ['COHERE_API_KEY', 'CO_API_KEY'] },
  modelsPath: '../../v1/models',
  models: { fallback: ['command-a-03-2025', 'command-a-plus-05-2026', 'command-a-reasoning-08-2025'] },
  owns: ['command-*', 'c4ai-*', 'embed-v*', 'embed-english-*', 'embed-multilingual-*', 'rerank-*'],
})
