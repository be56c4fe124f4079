import { joinBytes } from '../../bytes/join-bytes.ts'
import type { ChatReading, Tap } from '../../dialect.ts'
import { answerLimit, answerTooLong } from '../../errors/answer-too-long.ts'
import type { ChatResult } from '../../ir/chat.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import { parseBody } from '../../json/parse-body.ts'
import { isErrorBody, readResult } from './read-result.ts'

/** Reads a `chat.completion` once it is whole. Relays nothing. */
export function createResultReader(): Tap {
  return new ResultReader()
}

class ResultReader implements Tap, ChatReading {
  readonly #pieces: Uint8Array[] = []
  #size = 0
  readonly started = false
  readonly reading: ChatReading = this
  result: ChatResult | undefined
  error: unknown = undefined

  write(chunk: Uint8Array): undefined {
    this.#size += chunk.length
    if (this.#size > answerLimit) this.error = answerTooLong()
    else this.#pieces.push(chunk)
  }

  end(): undefined {
    const wire = parseBody(joinBytes(this.#pieces))
    if (isErrorBody(wire)) this.error = wire
    else this.result = readResult(wire)
  }

  get complete(): boolean {
    return this.result !== undefined
  }

  usage(): Usage | undefined {
    return this.result?.usage
  }

  finishReason(): FinishReason | undefined {
    return this.result?.choices[0]?.finishReason ?? undefined
  }
}
