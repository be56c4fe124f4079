import { awsSigV4 } from '../provider-kit/auth.ts'
import { defineProvider, type Provider } from '../provider-kit/provider.ts'

/**
 * Models by their ids, by inference profiles (`us.`, `eu.`, `global.` …) and by ARNs. Signed with AWS's usual
 * credentials, or with an API key of Bedrock's own.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/endpoints.html
 */
export const bedrock: Provider = defineProvider({
  id: 'bedrock',
  name: 'Amazon Bedrock',
  baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com',
  variants: [
    { when: { region: 'cn-*' }, baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com.cn' },
    { when: { region: 'eusc-*' }, baseUrl: 'https://bedrock-runtime.{region}.amazonaws.eu' },
  ],
  auth: awsSigV4('bedrock'),
  speaks: [
    'bedrock-converse',
    { dialect: 'bedrock-cohere-embed', models: ['*cohere.embed-*'] },
    { dialect: 'bedrock-titan-embed', models: ['*amazon.titan-embed-*'] },
  ],
  aliases: ['amazon-bedrock', 'aws-bedrock'],
  env: {
    apiKey: ['AWS_BEARER_TOKEN_BEDROCK'],
    settings: { region: ['AWS_REGION', 'AWS_DEFAULT_REGION'] },
    credentials: {
      access_key_id: ['AWS_ACCESS_KEY_ID'],
      secret_access_key: ['AWS_SECRET_ACCESS_KEY'],
      session_token: ['AWS_SESSION_TOKEN'],
    },
    sharedCredentials: true,
  },
  // The list is another host's.
  modelsPath: null,
  models: {
    fallback: [
      'us.anthropic.claude-sonnet-5-5',
      'us.anthropic.claude-opus-5-5',
      'us.anthropic.claude-haiku-4-5-20251001-v1:0',
      'us.amazon.nova-pro-v1:0',
      'us.amazon.nova-lite-v1:0',
      'openai.gpt-oss-120b-1:0',
      'amazon.titan-embed-text-v2:0',
      'cohere.embed-v4:0',
    ],
  },
  // A vendor and a dot, a region's profile before them or not.
  owns: [
    'us.*',
    'us-gov.*',
    'eu.*',
    'apac.*',
    'jp.*',
    'au.*',
    'ca.*',
    'global.*',
    'amazon.*',
    'anthropic.claude-*',
    'ai21.*',
    'cohere.*',
    'deepseek.*',
    'google.gemma-*',
    'meta.llama*',
    'minimax.*',
    'mistral.*',
    'moonshot*.kimi-*',
    'nvidia.*',
    'openai.gpt-oss-*',
    'qwen.*',
    'stability.*',
    'writer.*',
    'zai.*',
    'arn:aws*:bedrock:*',
  ],
})
