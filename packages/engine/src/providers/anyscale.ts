import { defineProvider, type Provider } from '../provider-kit/provider.ts'

export const anyscale: Provider = defineProvider({
  id: 'anyscale',
  name: 'Anyscale',
  baseUrl: undefined,
  hosts: ['api.endpoints.anyscale.com'],
  speaks: ['openai-chat'],
  env: { apiKey: ['ANYSCALE_API_KEY'], baseUrl: ['ANYSCALE_BASE_URL'] },
  retired: 'Anyscale Endpoints closed to the public on 2024-08-01. Set a base URL to use a service of your own.',
})
