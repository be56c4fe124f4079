import { googleAuth, headerAuth } from '../provider-kit/auth.ts'
import { claudeModelQuirks } from '../provider-kit/model-quirks.ts'
import { defineProvider, type Provider } from '../provider-kit/provider.ts'
import { inDialect, omit, set } from '../provider-kit/quirk.ts'

/** Gemini and Claude on Google Cloud: by a service account, or by a key of express mode, which needs no project. */
export const vertex: Provider = defineProvider({
  id: 'vertex',
  name: 'Google Vertex AI',
  baseUrl: 'https://{location}-aiplatform.googleapis.com/v1/projects/{project}/locations/{location}',
  completesBaseUrl: true,
  settings: { location: 'global' },
  hosts: ['aiplatform.googleapis.com'],
  variants: [
    { when: { project: null }, baseUrl: 'https://aiplatform.googleapis.com/v1' },
    {
      when: { location: 'global' },
      baseUrl: 'https://aiplatform.googleapis.com/v1/projects/{project}/locations/global',
    },
  ],
  auth: googleAuth('https://www.googleapis.com/auth/cloud-platform', headerAuth('x-goog-api-key')),
  speaks: [
    {
      dialect: 'gemini-generate',
      path: '/publishers/google/models/{model}:generateContent',
      streamPath: '/publishers/google/models/{model}:streamGenerateContent?alt=sse',
      models: ['gemini-*'],
    },
    {
      dialect: 'anthropic-messages',
      path: '/publishers/anthropic/models/{model}:rawPredict',
      streamPath: '/publishers/anthropic/models/{model}:streamRawPredict',
      models: ['claude-*'],
    },
  ],
  quirks: [
    inDialect('anthropic-messages', omit('model')),
    inDialect('anthropic-messages', set('anthropic_version', 'vertex-2023-10-16')),
    ...claudeModelQuirks,
  ],
  modelsPath: null,
  models: {
    fallback: ['gemini-3.8-flash', 'gemini-3.5-flash-lite', 'gemini-3.7-flash', 'gemini-2.5-pro', 'claude-sonnet-5-5'],
  },
  env: {
    apiKey: ['GOOGLE_VERTEX_API_KEY'],
    settings: {
      location: ['GOOGLE_VERTEX_LOCATION', 'GOOGLE_CLOUD_LOCATION'],
      project: ['GOOGLE_VERTEX_PROJECT', 'GOOGLE_CLOUD_PROJECT'],
    },
    credentials: { service_account: ['GOOGLE_APPLICATION_CREDENTIALS'] },
  },
})
