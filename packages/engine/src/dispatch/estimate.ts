import { type ChatRequest, type CountTokensDialect, SluiceError, type Tap } from '@sluice/protocol'
import { countTokens } from '../tokens/count-tokens.ts'
import type { Answer } from './answer.ts'
import type { Exchange } from './exchange.ts'
import { neutralRequest } from './neutral-request.ts'
import type { Target } from './target.ts'

const encoder = new TextEncoder()

/**
 * Answers how many tokens a request comes to where the provider cannot be asked.
 * @throws SluiceError for a request that cannot be read, or that points at what only the provider knows.
 */
export async function estimate(exchange: Exchange, target: Target, dialect: CountTokensDialect): Promise<Answer> {
  try {
    const request = neutralRequest(exchange, dialect, target) as ChatRequest
    if (request.remembered !== undefined) {
      throw new SluiceError(
        'invalid_request',
        `\`${request.remembered}\` can be counted only by a provider that keeps the state, and ${target.provider.name} does not count tokens. Send the whole conversation instead.`,
        { param: request.remembered },
      )
    }
    const { tokens } = await countTokens(request, target.model)
    const wire = dialect.result.encode({ tokens }, exchange, request)
    return new Estimate(target, encoder.encode(JSON.stringify(wire)))
  } finally {
    // Nobody is called, so that no call's end gives the place back.
    target.state.limit?.leave()
  }
}

/** Has nothing that could be watched, held back or given up. */
class Estimate implements Answer {
  readonly target: Target
  readonly headers = {}
  readonly stream = false
  readonly tap: Tap = nothingToTap
  readonly whole: Uint8Array

  constructor(target: Target, whole: Uint8Array) {
    this.target = target
    this.whole = whole
  }

  relay(): void {}
  pause(): void {}
  resume(): void {}
  cancel(): void {}
}

const nothingToTap: Tap = {
  write: (chunk) => chunk,
  end: () => undefined,
  started: true,
  error: undefined,
  complete: true,
  usage: () => undefined,
  finishReason: () => undefined,
}
