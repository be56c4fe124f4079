import { defineProvider, type Provider } from '../provider-kit/provider.ts'
import { drop } from '../provider-kit/quirk.ts'

export const dashscope: Provider = defineProvider({
  id: 'dashscope',
  name: 'Alibaba DashScope',
  baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
  hosts: ['dashscope.aliyuncs.com', 'dashscope-us.aliyuncs.com'],
  speaks: ['openai-chat', 'openai-responses', 'openai-embeddings', 'openai-files', 'openai-batches'],
  quirks: [drop('frequency_penalty')],
  env: { apiKey: ['DASHSCOPE_API_KEY', 'ALIBABA_API_KEY'], baseUrl: ['DASHSCOPE_BASE_URL'] },
  models: {
    fallback: ['qwen3.8-flash', 'qwen3.8-max', 'qwen3.7-plus', 'qwen3.7-max', 'qwen-plus-latest', 'qwen-flash'],
  },
  owns: ['qwen*', 'qwq-*', 'qvq-*'],
})
