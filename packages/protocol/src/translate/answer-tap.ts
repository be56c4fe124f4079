import { joinBytes } from '../bytes/join-bytes.ts'
import type { Tap } from '../dialect.ts'
import { answerLimit, answerTooLong } from '../errors/answer-too-long.ts'
import { isErrorAnswer } from '../errors/find-error.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { FinishReason } from '../ir/finish-reason.ts'
import type { Usage } from '../ir/usage.ts'

/** What a provider's whole answer came to for the caller. */
export interface TranslatedAnswer {
  readonly bytes: Uint8Array
  readonly usage: Usage | undefined
  readonly finishReason?: FinishReason | undefined
  readonly processing?: string | undefined
}

const decoder = new TextDecoder()

/** Holds a whole answer back until all of its JSON is here, and gives what `translate` makes of it. */
export function createAnswerTap<Options>(
  translate: (wire: unknown, options: Options) => TranslatedAnswer,
  options: Options,
): Tap {
  return new AnswerTap(translate, options)
}

/** A class, since one is made for every translated request. */
class AnswerTap<Options> implements Tap {
  readonly #translate: (wire: unknown, options: Options) => TranslatedAnswer
  readonly #options: Options
  #held: Uint8Array[] = []
  #size = 0
  #answer: TranslatedAnswer | undefined
  readonly started = false
  complete = false
  error: unknown = undefined

  constructor(translate: (wire: unknown, options: Options) => TranslatedAnswer, options: Options) {
    this.#translate = translate
    this.#options = options
  }

  write(chunk: Uint8Array): undefined {
    this.#size += chunk.length
    if (this.#size <= answerLimit) this.#held.push(chunk)
    else this.error = answerTooLong()
    return undefined
  }

  end(): Uint8Array | undefined {
    let wire: unknown
    try {
      wire = JSON.parse(decoder.decode(joinBytes(this.#held)))
    } catch {
      return undefined
    }
    try {
      this.#answer = this.#translate(wire, this.#options)
      this.complete = true
      return this.#answer.bytes
    } catch (thrown) {
      // What is no answer may be an error that came with a good status; its dialect knows.
      this.error = isErrorAnswer(wire) ? wire : asUpstreamError(thrown)
      return undefined
    }
  }

  usage(): Usage | undefined {
    return this.#answer?.usage
  }

  finishReason(): FinishReason | undefined {
    return this.#answer?.finishReason
  }

  processing(): string | undefined {
    return this.#answer?.processing
  }
}

export function asUpstreamError(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) {
    return thrown.category === 'upstream' || thrown.code.startsWith('upstream_')
      ? thrown
      : new SluiceError('upstream_invalid_response', `The provider's answer cannot be read: ${thrown.message}`, {
          cause: thrown,
        })
  }
  return new SluiceError('upstream_invalid_response', "The provider's answer cannot be read.", { cause: thrown })
}
