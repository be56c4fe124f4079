import type { Answer } from '../answer.ts'
import type { Dialect, FullError } from '../dialect.ts'
import type { ErrorReply, ErrorShape } from '../fault.ts'

/** An error as it is scripted: a body of its own, or one made from a status. */
export interface ScriptedError {
  readonly error?: ErrorReply
  readonly shape?: ErrorShape
  readonly body?: unknown
}

export function errorAnswer(status: number, scripted: ScriptedError, dialect: Dialect): Answer {
  const body = errorBody(status, scripted, dialect)
  const headers = dialect.errorHeaders?.(fullError(status, scripted, dialect)) ?? {}
  if (typeof body !== 'string') {
    return { status, contentType: 'application/json', headers, body: { kind: 'whole', bytes: JSON.stringify(body) } }
  }
  return { status, contentType: 'text/plain; charset=utf-8', headers, body: { kind: 'whole', bytes: body } }
}

/** A string is to be sent as it is, anything else as JSON. */
export function errorBody(status: number, scripted: ScriptedError, dialect: Dialect): unknown {
  if (scripted.body !== undefined) return scripted.body
  return wrap(fullError(status, scripted, dialect), scripted.shape ?? 'dialect', dialect)
}

function fullError(status: number, { error }: ScriptedError, dialect: Dialect): FullError {
  return dialect.error({ ...error, status: error?.status ?? status })
}

function wrap(error: FullError, shape: ErrorShape, dialect: Dialect): unknown {
  switch (shape) {
    case 'dialect':
      return dialect.errorBody(error)
    case 'nested':
      return { error }
    case 'flat':
      return error
    case 'text':
      return { error: error.message }
    case 'message':
      return { message: error.message }
    case 'detail':
      return { detail: error.message }
    case 'validation':
      return { detail: [{ loc: ['body', error.param ?? 'messages'], msg: error.message, type: error.type }] }
    case 'plain':
      return error.message
    case 'none':
      return ''
  }
}
