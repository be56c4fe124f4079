import { type Dialect, type ModelEntry, RequestRefused } from '../../dialect.ts'
import { modelId } from '../openai/http.ts'
import { anthropicError } from './errors.ts'

/** What all of Anthropic's endpoints have in common. */
export const anthropicHttp: Pick<Dialect, 'method' | 'credential' | 'error' | 'errorBody' | 'headers'> = {
  method: 'POST',
  credential(request) {
    const bearer = /^Bearer +(.*)$/i.exec(request.header('authorization') ?? '')?.[1]
    return request.header('x-api-key') ?? bearer
  },
  error: anthropicError,
  errorBody({ type, message, code }) {
    const details = code === null ? undefined : { details: { error_code: code } }
    return { type: 'error', error: { type, message, ...details }, request_id: 'req_simulated' }
  },
  headers: (identity) => ({
    'request-id': identity.id('req_'),
    'anthropic-organization-id': '00000000-0000-4000-8000-000000000000',
    'anthropic-ratelimit-requests-limit': '4000',
    'anthropic-ratelimit-requests-remaining': '3999',
    'anthropic-ratelimit-requests-reset': '2026-01-01T00:00:00Z',
    'anthropic-ratelimit-input-tokens-limit': '2000000',
    'anthropic-ratelimit-input-tokens-remaining': '1999000',
    'anthropic-ratelimit-input-tokens-reset': '2026-01-01T00:00:00Z',
    'anthropic-ratelimit-output-tokens-limit': '400000',
    'anthropic-ratelimit-output-tokens-remaining': '399000',
    'anthropic-ratelimit-output-tokens-reset': '2026-01-01T00:00:00Z',
  }),
}

/** `models` absent: any is served. */
export function requireModel(id: string, models: readonly ModelEntry[] | undefined): void {
  if (models === undefined || models.some((entry) => modelId(entry) === id)) return
  throw new RequestRefused({ status: 404, message: `model: ${id}` })
}
