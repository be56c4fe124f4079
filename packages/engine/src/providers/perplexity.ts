import { systemRole } from '../provider-kit/message-quirks.ts'
import { defineProvider, type Provider } from '../provider-kit/provider.ts'
import { drop, rename } from '../provider-kit/quirk.ts'

export const perplexity: Provider = defineProvider({
  id: 'perplexity',
  name: 'Perplexity',
  baseUrl: 'https://api.perplexity.ai',
  speaks: ['openai-chat', { dialect: 'openai-responses', path: '/v1/responses' }],
  quirks: [
    rename('max_completion_tokens', 'max_tokens'),
    drop('tools', 'tool_choice', 'parallel_tool_calls', 'n', 'seed', 'stop', 'logit_bias', 'logprobs', 'top_logprobs'),
    systemRole,
  ],
  env: { apiKey: ['PERPLEXITY_API_KEY'] },
  modelsPath: null,
  models: { fallback: ['sonar', 'sonar-pro', 'sonar-reasoning-pro', 'sonar-deep-research'] },
  owns: ['sonar', 'sonar-*'],
})
