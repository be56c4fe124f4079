import { noAuth } from '../provider-kit/auth.ts'
import { defineProvider, type Provider } from '../provider-kit/provider.ts'

/** A stand-in that answers without any key; it is no model. */
export const demo: Provider = defineProvider({
  id: 'demo',
  name: 'Demo (not a model)',
  baseUrl: undefined,
  auth: noAuth,
  speaks: ['openai-chat'],
  modelsPath: null,
  models: { fallback: ['demo'] },
  local: true,
  standIn: true,
})
