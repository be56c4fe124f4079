import type { FullError } from '../../dialect.ts'
import type { ErrorReply } from '../../fault.ts'

/** What Ollama says with a status; only the message goes out. https://docs.ollama.com/api/errors */
export function ollamaError(error: ErrorReply & { readonly status: number }): FullError {
  return {
    message: error.message ?? messages[error.status] ?? (error.status >= 500 ? internal : 'invalid request'),
    type: error.type ?? '',
    code: error.status,
    param: error.param ?? null,
  }
}

const internal = 'an error was encountered while running the model'

const messages: Readonly<Record<number, string>> = {
  401: 'unauthorized',
  403: 'this model requires a subscription, upgrade for access: https://ollama.com/upgrade',
  404: '404 page not found',
  429: 'you have reached your hourly usage limit, please wait or upgrade to continue',
  502: 'bad gateway',
  503: 'server busy, please try again.  maximum pending requests exceeded',
}
