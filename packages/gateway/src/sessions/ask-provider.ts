import { SluiceError } from '@sluice/protocol'

export type JsonObject = Readonly<Record<string, unknown>>

/** Milliseconds for the whole of an answer. */
const patience = 10_000
const mostBytes = 512 * 1024

/** Asks an identity provider, whose answers may lead nowhere else. Rejects with `sign_in_unavailable`. */
export async function askProvider(url: string, request: RequestInit = {}): Promise<Response> {
  const timeout = AbortSignal.timeout(patience)
  const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout
  try {
    return await fetch(url, { ...request, redirect: 'error', signal })
  } catch (cause) {
    throw providerUnavailable('The identity provider cannot be reached.', cause)
  }
}

/** An object, of a size that tokens and descriptions have. Rejects with `sign_in_unavailable`. */
export async function readJson(response: Response): Promise<JsonObject> {
  try {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of response.body ?? []) {
      size += chunk.length
      if (size > mostBytes) throw new Error('It is too large.')
      chunks.push(chunk)
    }
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString())
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('It is no object.')
    return value as JsonObject
  } catch (cause) {
    throw providerUnavailable('The identity provider answers what cannot be read.', cause)
  }
}

export function providerUnavailable(message: string, cause?: unknown): SluiceError {
  return new SluiceError(
    'sign_in_unavailable',
    `${message} Sign in again in a moment, or by an admin key.`,
    cause === undefined ? {} : { cause },
  )
}
