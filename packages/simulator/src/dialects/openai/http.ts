import type { Dialect, ModelEntry } from '../../dialect.ts'
import { RequestRefused } from '../../dialect.ts'
import { openaiError } from './errors.ts'

/** What all of OpenAI's endpoints have in common. */
export const openaiHttp: Pick<Dialect, 'credential' | 'error' | 'errorBody' | 'headers'> = {
  credential(request) {
    const bearer = /^Bearer +(.*)$/i.exec(request.header('authorization') ?? '')?.[1]
    return bearer ?? request.header('api-key')
  },
  error: openaiError,
  errorBody: (error) => ({ error }),
  headers: (identity) => ({
    'x-request-id': identity.id('req_'),
    'openai-organization': 'simulator',
    'openai-processing-ms': '1',
    'openai-version': '2020-10-01',
    'x-ratelimit-limit-requests': '10000',
    'x-ratelimit-limit-tokens': '2000000',
    'x-ratelimit-remaining-requests': '9999',
    'x-ratelimit-remaining-tokens': '1999900',
    'x-ratelimit-reset-requests': '6ms',
    'x-ratelimit-reset-tokens': '3ms',
  }),
}

export function modelId(entry: ModelEntry): string {
  return typeof entry === 'string' ? entry : entry.id
}

/** `models` absent: any is served. */
export function requireModel(id: string, models: readonly ModelEntry[] | undefined): void {
  if (models !== undefined && !models.some((entry) => modelId(entry) === id)) throw unknownModel(id)
}

export function unknownModel(id: string): RequestRefused {
  return new RequestRefused({
    status: 404,
    message: `The model '${id}' does not exist or you do not have access to it.`,
    type: 'invalid_request_error',
    code: 'model_not_found',
  })
}
