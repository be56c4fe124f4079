import { SluiceError } from '@sluice/protocol'
import type { Timeouts } from './transport.ts'

/** What a call was waiting for when it failed. A transport that cannot see connections waits for the head at once. */
export type TransportStage = 'connect' | 'head' | 'body'

/**
 * The error for a failed call, from the `code` of Node's system errors and of undici (on which Node's `fetch`
 * stands and which it gives as `cause`). The words are fixed: nothing of the original's message, which may
 * hold addresses, gets into ours. The original is the `cause`, which only an application in this process sees.
 */
export function transportFailure(cause: unknown, stage: TransportStage, timeouts: Timeouts): SluiceError {
  const own = ownError(cause)
  if (own !== undefined) return own
  const origin = originOf(cause)
  const code = origin?.code
  switch (code) {
    case 'UND_ERR_CONNECT_TIMEOUT':
      return timedOut('connect', timeouts.connect, cause)
    case 'UND_ERR_HEADERS_TIMEOUT':
      return timedOut('firstByte', timeouts.firstByte, cause)
    case 'UND_ERR_BODY_TIMEOUT':
      return timedOut('idle', timeouts.idle, cause)
    case 'UND_ERR_DESTROYED':
    case 'UND_ERR_CLOSED':
      return transportClosed()
    case 'UND_ERR_INVALID_ARG':
      return unsendable()
    case 'UND_ERR_HEADERS_OVERFLOW':
      return invalidAnswer("The provider's answer has headers larger than the limit.", cause)
  }
  if (origin !== undefined && isProtocolError(origin)) {
    return invalidAnswer("The provider's answer is not valid HTTP/1.1.", cause)
  }
  if (stage === 'body') return disconnected(stage, cause)
  if (code === 'ETIMEDOUT') return timedOut('connect', timeouts.connect, cause)
  const kind = unreachableKind(code)
  if (kind !== undefined) return unreachable(kind, cause)
  if (stage === 'connect') return unreachable(code === 'ECONNRESET' ? 'connection reset' : undefined, cause)
  // Browsers' `fetch` says nothing but that it failed.
  return origin === undefined ? unreachable(undefined, cause) : disconnected(stage, cause)
}

/** undici's parser tells the end of the connection apart from other errors by its words only. */
function isProtocolError({ name, code, message }: ErrorOrigin): boolean {
  if (name === 'HTTPParserError') return !message.includes('Invalid EOF state')
  return code === 'UND_ERR_SOCKET' && message.startsWith('bad ')
}

const timeoutMeanings: Readonly<Record<keyof Timeouts, string>> = {
  connect: 'accepted no connection in time (connect timeout',
  firstByte: 'did not begin to answer in time (first-byte timeout',
  idle: 'stopped in the middle of its answer (idle timeout',
}

/** `limit` in milliseconds; 0 when the limit was the runtime's own. */
export function timedOut(which: keyof Timeouts, limit: number, cause?: unknown): SluiceError {
  const message = `The provider ${timeoutMeanings[which]}${limit > 0 ? `, ${limit} ms` : ''}).`
  return new SluiceError('upstream_timeout', message, { cause })
}

/** Redirects are not followed: they would carry the key to a host that no config names. */
export function redirected(): SluiceError {
  const message = 'The provider answered with a redirect, which is not followed. Correct its base_url.'
  return new SluiceError('upstream_invalid_response', message, { retryable: false })
}

export function transportClosed(): SluiceError {
  return new SluiceError('shutting_down', 'The call was given up because Sluice is shutting down.')
}

/** The receiver itself threw: a defect here, not the provider's. */
export function receiverFailed(cause: unknown): SluiceError {
  return cause instanceof SluiceError
    ? cause
    : new SluiceError('internal_error', 'The answer could not be handled.', { cause })
}

/** Origin, path or headers that HTTP does not allow. Which header it was may be a secret's business. */
export function unsendable(): SluiceError {
  const message =
    'The call to the provider cannot be sent: its base_url, path, key or a header has characters that HTTP does not allow.'
  return new SluiceError('invalid_config', message)
}

function unreachable(kind: string | undefined, cause: unknown): SluiceError {
  const message = `Could not connect to the provider${kind === undefined ? '' : ` (${kind})`}.`
  return new SluiceError('upstream_unreachable', message, { cause })
}

function disconnected(stage: TransportStage, cause: unknown): SluiceError {
  const when = stage === 'body' ? 'before its answer was whole' : 'before it answered'
  return new SluiceError('upstream_disconnected', `The provider closed the connection ${when}.`, { cause })
}

function invalidAnswer(message: string, cause: unknown): SluiceError {
  return new SluiceError('upstream_invalid_response', message, { cause })
}

function unreachableKind(code: string | undefined): string | undefined {
  switch (code) {
    case undefined:
      return undefined
    case 'ECONNREFUSED':
      return 'connection refused'
    case 'ENOTFOUND':
      return 'its host name is not known'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
    case 'EADDRNOTAVAIL':
      return 'no route to its address'
    case 'EMFILE':
    case 'ENFILE':
      return 'too many open files here'
    case 'EPROTO':
      return 'the TLS handshake failed'
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return 'its TLS certificate is self-signed'
  }
  if (code.startsWith('EAI_')) return 'its host name could not be looked up'
  if (code.startsWith('CERT_') || code.startsWith('UNABLE_TO_') || code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return 'its TLS certificate is not valid'
  }
  if (code.startsWith('ERR_TLS_') || code.startsWith('ERR_SSL_')) return 'the TLS handshake failed'
  return undefined
}

/** Of the request's body: `fetch` gives it as the cause of its own. */
function ownError(error: unknown): SluiceError | undefined {
  for (let depth = 0; depth < 4 && error instanceof Error; depth++) {
    if (error instanceof SluiceError) return error
    error = error.cause
  }
  return undefined
}

interface ErrorOrigin {
  readonly name: string
  readonly code: string | undefined
  readonly message: string
}

/** The error, or the first of its causes, that says by a code or by its name what happened. */
function originOf(error: unknown): ErrorOrigin | undefined {
  for (let depth = 0; depth < 4 && error instanceof Error; depth++) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
    if (code !== undefined || error.name === 'HTTPParserError')
      return { name: error.name, code, message: error.message }
    error = error.cause
  }
  return undefined
}
