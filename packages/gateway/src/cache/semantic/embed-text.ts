import type { SluiceError } from '@sluice/protocol'
import type { Principal } from '../../pipeline/principal.ts'
import { toVector } from './scope-vectors.ts'

/** Whose text it is, and the request that it is of. */
export interface EmbeddingCall {
  readonly principal: Principal
  readonly requestId: string
  readonly text: string
}

/** A text as a vector of length 1; `undefined` where there is none to be had. Never rejects. */
export type EmbedText = (call: EmbeddingCall) => Promise<Float32Array | undefined>

/** Asks for embeddings in OpenAI's dialect, from within. Never rejects. */
export type RunEmbedding = (request: EmbeddingRequest) => Promise<EmbeddingAnswer>

interface EmbeddingRequest {
  readonly id: string
  readonly principal: Principal
  readonly body: Uint8Array
  readonly signal: AbortSignal
}

interface EmbeddingAnswer {
  readonly body: Uint8Array
  readonly error: SluiceError | undefined
}

export interface EmbedTextParts {
  readonly run: RunEmbedding
  /** A model's or a route's name. */
  readonly model: string
  /** Milliseconds that a caller may have to wait for it. */
  readonly timeout: number
  readonly failed: (error: unknown) => void
}

/** By a model for embeddings of any provider: a request of its own, with a record of its own. */
export function createEmbedText({ run, model, timeout, failed }: EmbedTextParts): EmbedText {
  const spenders = new WeakMap<Principal, Principal>()

  /** Which models the caller may ask is no matter: this one is the operator's choice. */
  function spenderOf(principal: Principal): Principal {
    let spender = spenders.get(principal)
    if (spender === undefined) {
      const { policy: _, ...rest } = principal
      spenders.set(principal, (spender = rest))
    }
    return spender
  }

  return async ({ principal, requestId, text }) => {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), timeout)
    try {
      const { body, error } = await run({
        id: `${requestId}.embedding`,
        principal: spenderOf(principal),
        body: Buffer.from(JSON.stringify({ model, input: text })),
        signal: late.signal,
      })
      const vector = error === undefined ? readVector(body) : undefined
      if (vector === undefined) failed(error ?? new Error('The answer has no embedding.'))
      return vector
    } finally {
      clearTimeout(timer)
    }
  }
}

function readVector(body: Uint8Array): Float32Array | undefined {
  try {
    const { data } = JSON.parse(Buffer.from(body).toString()) as { data: readonly { embedding: unknown }[] }
    const values = data[0]?.embedding
    const isVector = Array.isArray(values) && values.length > 0 && values.every((value) => typeof value === 'number')
    return isVector ? toVector(values) : undefined
  } catch {
    return undefined
  }
}
