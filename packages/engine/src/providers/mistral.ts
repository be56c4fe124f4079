import { systemRole, toolIds } from '../provider-kit/message-quirks.ts'
import { defineProvider, type Provider } from '../provider-kit/provider.ts'
import { drop, omit, rename, replace } from '../provider-kit/quirk.ts'

export const mistral: Provider = defineProvider({
  id: 'mistral',
  name: 'Mistral AI',
  baseUrl: 'https://api.mistral.ai/v1',
  speaks: ['openai-chat', 'openai-embeddings', 'mistral-moderations', 'openai-transcriptions', 'openai-files'],
  quirks: [
    rename('max_completion_tokens', 'max_tokens'),
    rename('seed', 'random_seed'),
    replace('tool_choice', { required: 'any' }),
    omit('stream_options'),
    drop('user', 'logit_bias', 'logprobs', 'top_logprobs', 'store', 'service_tier'),
    systemRole,
    toolIds(9),
  ],
  env: { apiKey: ['MISTRAL_API_KEY'] },
  models: {
    fallback: ['mistral-medium-latest', 'mistral-small-latest', 'mistral-large-latest', 'ministral-8b-latest'],
  },
  owns: ['mistral-*', 'ministral-*', 'magistral-*', 'codestral-*', 'devstral-*', 'pixtral-*', 'voxtral-*', 'open-mi*'],
})
