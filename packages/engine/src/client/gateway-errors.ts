import { type ErrorCode, errorCodes, type ErrorCodec, openaiErrors, SluiceError } from '@sluice/protocol'
import { type FailedAttempt, RouteFailedError } from '../routing/route-failed-error.ts'
import type { Transport } from '../transport/transport.ts'

/**
 * A gateway's codes are ours: they are taken as they are. Where it relays what a provider said, code included, ours is that of
 * the attempt.
 */
export const gatewayErrors: ErrorCodec = {
  ...openaiErrors,
  decode(answer) {
    const error = openaiErrors.decode(answer)
    const { error: wire, sluice } = (answer.body ?? {}) as WrittenError
    const { code: written, message } = wire ?? {}
    const attempts = readAttempts(sluice?.attempts)
    const last = attempts.at(-1)
    const own = typeof written === 'string' && isCode(written) ? written : undefined
    const code = last !== undefined && error.message.endsWith(last.message) ? last.code : (own ?? last?.code)
    if (code === undefined || typeof message !== 'string')
      return ownWords.test(error.message) ? ofGateway(error) : error
    const { param, retryAfterMs } = error
    const provider = last?.provider ?? answer.header('x-sluice-provider')
    const requestId = answer.header('x-request-id')
    const told = new SluiceError(code, message, {
      ...(param !== undefined && { param }),
      ...(answer.status >= 400 && { status: answer.status }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      upstream: {
        ...(written !== code && error.upstream),
        ...(provider !== undefined && { provider }),
        ...(last?.status !== undefined && { status: last.status }),
        ...(requestId !== undefined && { requestId }),
      },
    })
    return attempts.length > 1 ? new RouteFailedError(attempts, told) : told
  },
}

/** For want of a message in the answer. */
const ownWords = /^The provider (?:answered|reported|refused)\b/

/** An error of our own words for a provider, where the gateway is what we called. */
export function ofGateway(error: SluiceError): SluiceError {
  const { code, param, status, retryable, retryAfterMs, upstream, cause } = error
  const message = error.message.replaceAll(/\bprovider\b/g, 'gateway').replace('base_url', 'address')
  return new SluiceError(code, message, {
    ...(param !== undefined && { param }),
    status,
    retryable,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(upstream !== undefined && { upstream }),
    cause,
  })
}

/** The transport's errors speak of the gateway. */
export function toGateway(transport: Transport): Transport {
  return {
    send: (request, receiver) =>
      transport.send(request, {
        start: (status, headers) => receiver.start(status, headers),
        data: (chunk) => receiver.data(chunk),
        end: () => receiver.end(),
        error: (error) => receiver.error(ofGateway(error)),
      }),
    close: () => transport.close(),
  }
}

/** OpenAI's error, and what Sluice says besides. */
interface WrittenError {
  readonly error?: { readonly [field: string]: unknown }
  readonly sluice?: { readonly attempts?: unknown }
}

function readAttempts(written: unknown): readonly FailedAttempt[] {
  return Array.isArray(written) ? written.flatMap((attempt) => readAttempt(attempt) ?? []) : []
}

function readAttempt(written: unknown): FailedAttempt | undefined {
  const { provider, model, code, message, status: said } = (written ?? {}) as Partial<Record<string, unknown>>
  if (typeof provider !== 'string' || typeof model !== 'string' || typeof message !== 'string') return undefined
  if (typeof code !== 'string' || !isCode(code)) return undefined
  const status = typeof said === 'number' ? said : undefined
  const upstream = { provider, ...(status !== undefined && { status }) }
  return { provider, model, code, status, message, cause: new SluiceError(code, message, { upstream }) }
}

function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code)
}

/** The body of an error. */
export function tryParse(body: Uint8Array): unknown {
  const text = new TextDecoder().decode(body)
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
