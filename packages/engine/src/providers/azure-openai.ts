import { clientCredentials, headerAuth } from '../provider-kit/auth.ts'
import { openaiModelQuirks } from '../provider-kit/model-quirks.ts'
import { defineProvider, type Provider } from '../provider-kit/provider.ts'

/** The v1 API; the deployments API where an `api_version` of the old form (`2024-10-21`) is set. Models are names of deployments. */
export const azureOpenai: Provider = defineProvider({
  id: 'azure-openai',
  name: 'Azure OpenAI',
  baseUrl: 'https://{resource}.openai.azure.com/openai/v1',
  completesBaseUrl: true,
  hosts: ['openai.azure.com', 'services.ai.azure.com', 'cognitiveservices.azure.com'],
  auth: clientCredentials(
    'https://login.microsoftonline.com/{tenant_id}/oauth2/v2.0/token',
    'https://cognitiveservices.azure.com/.default',
    headerAuth('api-key'),
  ),
  speaks: [
    'openai-chat',
    'openai-responses',
    { dialect: 'openai-completions', models: ['*-instruct*', '*davinci*', '*babbage*'] },
    'openai-embeddings',
    'openai-images',
    'openai-speech',
    'openai-image-edits',
    'openai-transcriptions',
    'openai-translations',
    'openai-files',
    'openai-batches',
  ],
  // Deployments are as a rule named after their models.
  quirks: openaiModelQuirks,
  variants: [
    {
      when: { api_version: '20*' },
      baseUrl: 'https://{resource}.openai.azure.com/openai?api-version={api_version}',
      speaks: [
        { dialect: 'openai-chat', path: '/deployments/{model}/chat/completions' },
        {
          dialect: 'openai-completions',
          path: '/deployments/{model}/completions',
          models: ['*-instruct*', '*davinci*', '*babbage*'],
        },
        { dialect: 'openai-embeddings', path: '/deployments/{model}/embeddings' },
        { dialect: 'openai-images', path: '/deployments/{model}/images/generations' },
        { dialect: 'openai-speech', path: '/deployments/{model}/audio/speech' },
        { dialect: 'openai-image-edits', path: '/deployments/{model}/images/edits' },
        { dialect: 'openai-transcriptions', path: '/deployments/{model}/audio/transcriptions' },
        { dialect: 'openai-translations', path: '/deployments/{model}/audio/translations' },
      ],
      modelsPath: null,
    },
  ],
  env: {
    apiKey: ['AZURE_OPENAI_API_KEY', 'AZURE_API_KEY'],
    baseUrl: ['AZURE_OPENAI_ENDPOINT'],
    settings: { resource: ['AZURE_RESOURCE_NAME'], api_version: ['OPENAI_API_VERSION'] },
    credentials: {
      tenant_id: ['AZURE_TENANT_ID'],
      client_id: ['AZURE_CLIENT_ID'],
      client_secret: ['AZURE_CLIENT_SECRET'],
    },
  },
})
