import type { ErrorAnswer, ErrorCodec } from '../../dialect.ts'
import type { ErrorCategory } from '../../errors/codes.ts'
import type { SluiceError } from '../../errors/sluice-error.ts'
import { openaiErrors } from '../openai-chat/error.ts'
import { exceptionFrame } from './frame.ts'
import { isRecord, isString, type WireObject } from './wire.ts'

/**
 * Bedrock's `{message}`, whose type stands in the header `x-amzn-errortype`, or in `__type`.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html
 */
export const bedrockErrors: ErrorCodec = { decode: decodeError, encode: encodeError, encodeEvent: encodeErrorEvent }

interface Meaning {
  /** For errors inside a stream, where no status says it. */
  readonly status: number
  /** A word that says more than the status. */
  readonly word?: string
}

const meanings: Readonly<Record<string, Meaning>> = {
  ValidationException: { status: 400 },
  AccessDeniedException: { status: 403 },
  UnrecognizedClientException: { status: 403, word: 'unauthenticated' },
  IncompleteSignatureException: { status: 403, word: 'unauthenticated' },
  InvalidSignatureException: { status: 403, word: 'unauthenticated' },
  InvalidClientTokenId: { status: 403, word: 'unauthenticated' },
  SignatureDoesNotMatch: { status: 403, word: 'unauthenticated' },
  MissingAuthenticationTokenException: { status: 403, word: 'unauthenticated' },
  ExpiredTokenException: { status: 403, word: 'unauthenticated' },
  ResourceNotFoundException: { status: 404 },
  ModelTimeoutException: { status: 408 },
  ConflictException: { status: 409 },
  ModelErrorException: { status: 424 },
  ModelStreamErrorException: { status: 424 },
  ThrottlingException: { status: 429 },
  // To be asked again once the model was loaded.
  ModelNotReadyException: { status: 429, word: 'overloaded' },
  ServiceQuotaExceededException: { status: 429, word: 'insufficient_quota' },
  InternalServerException: { status: 500 },
  ServiceUnavailableException: { status: 503 },
}

/** Never throws. */
export function decodeError(answer: ErrorAnswer): SluiceError {
  const { body } = answer
  const type = typeOf(answer)
  const message = isRecord(body) ? (body['message'] ?? body['Message']) : body
  if (!isString(message) && type === undefined) return openaiErrors.decode(answer)
  const meaning = type !== undefined && Object.hasOwn(meanings, type) ? meanings[type] : undefined
  const status = answer.status >= 400 ? answer.status : (meaning?.status ?? 0)
  const text = isString(message) ? message : undefined
  return openaiErrors.decode({
    ...answer,
    header: (name) => answer.header(name),
    status,
    body: { error: { message: text, type: type ?? null, code: wordOf(text ?? '', meaning) ?? type ?? null } },
  })
}

function wordOf(message: string, meaning: Meaning | undefined): string | undefined {
  if (meaning?.status === 400 && /model identifier is invalid/i.test(message)) return 'model_not_found'
  // Keys of Bedrock's own, which travel as bearers, are refused like a role without rights.
  if (meaning?.status === 403 && /api key|bearer token|security token/i.test(message)) return 'unauthenticated'
  return meaning?.word
}

/** `com.amazonaws.bedrock#ValidationException:http://…` is `ValidationException`; in streams they begin in lower case. */
function typeOf({ header, body }: ErrorAnswer): string | undefined {
  const told = header('x-amzn-errortype') ?? (isRecord(body) ? body['__type'] : undefined)
  if (!isString(told)) return undefined
  const name = (told.split(':', 1)[0] ?? '').split('#').at(-1) ?? ''
  return name === '' ? undefined : name.charAt(0).toUpperCase() + name.slice(1)
}

/** AWS's own word for each class. */
const types: Readonly<Record<ErrorCategory, string>> = {
  authentication: 'UnrecognizedClientException',
  billing: 'ServiceQuotaExceededException',
  conflict: 'ConflictException',
  internal: 'InternalServerException',
  'invalid-request': 'ValidationException',
  'not-found': 'ResourceNotFoundException',
  overloaded: 'ServiceUnavailableException',
  permission: 'AccessDeniedException',
  'rate-limit': 'ThrottlingException',
  timeout: 'ModelTimeoutException',
  'too-large': 'ValidationException',
  upstream: 'ModelErrorException',
}

/** AWS's clients read `__type` where the header is missing. */
function encodeError(error: SluiceError, requestId?: string): WireObject {
  return { __type: types[error.category], message: error.message, ...detailsOf(error, requestId) }
}

/** Our stable code has no place of Bedrock's; not `code`, which clients take for the type. */
function detailsOf(error: SluiceError, requestId: string | undefined): WireObject {
  return {
    sluice: {
      error: error.code,
      ...(error.param !== undefined && { param: error.param }),
      ...(requestId !== undefined && { requestId }),
    },
  }
}

/** The exceptions that a stream may end with. */
const streamTypes: Readonly<Partial<Record<ErrorCategory, string>>> = {
  authentication: 'validationException',
  billing: 'throttlingException',
  conflict: 'validationException',
  internal: 'internalServerException',
  'invalid-request': 'validationException',
  'not-found': 'validationException',
  overloaded: 'serviceUnavailableException',
  permission: 'validationException',
  'rate-limit': 'throttlingException',
  'too-large': 'validationException',
}

export function encodeErrorEvent(error: SluiceError, requestId?: string): Uint8Array {
  const type = streamTypes[error.category] ?? 'modelStreamErrorException'
  return exceptionFrame(type, JSON.stringify({ message: error.message, ...detailsOf(error, requestId) }))
}
