import { defineProvider, type Provider, variablesOf } from '../provider-kit/provider.ts'

/** Bedrock's endpoint that speaks OpenAI, with an API key of Bedrock's own. */
export const bedrockMantle: Provider = defineProvider({
  id: 'bedrock-mantle',
  name: 'Amazon Bedrock Mantle',
  baseUrl: 'https://bedrock-mantle.{region}.api.aws/openai/v1',
  speaks: ['openai-chat', 'openai-responses'],
  env: { ...variablesOf('BEDROCK_MANTLE'), settings: { region: ['AWS_REGION', 'AWS_DEFAULT_REGION'] } },
  models: { fallback: ['openai.gpt-oss-120b', 'openai.gpt-6-astra'] },
})
