import { type Peek, SluiceError } from '@sluice/protocol'
import type { Abortable } from '../dispatch/abortable.ts'
import type { Answer } from '../dispatch/answer.ts'
import { Exchange } from '../dispatch/exchange.ts'
import type { Target } from '../dispatch/target.ts'
import { AttemptRequest, type RequestBody } from './attempt-request.ts'
import { AttemptResponse } from './attempt-response.ts'
import type { Middleware, MiddlewareResponse } from './middleware.ts'
import { callerGone, middlewareFailure } from './middleware-failure.ts'

/** Makes one attempt. */
export type Dispatch = (exchange: Exchange, target: Target, timeout?: number) => Promise<Answer>

/** The same with middleware around it; `dispatch` itself where there is none. */
export function throughMiddleware(middleware: readonly Middleware[], dispatch: Dispatch): Dispatch {
  if (middleware.length === 0) return dispatch
  // By what an exchange shares with those that are derived from it.
  const attempts = new WeakMap<Exchange['attempts'], number>()
  return (exchange, target, timeout) => {
    const attempt = (attempts.get(exchange.attempts) ?? 0) + 1
    attempts.set(exchange.attempts, attempt)
    const call = new MiddlewareCall(middleware, exchange, target, attempt)
    return call.run((request) => dispatch(request, target, timeout))
  }
}

/** One attempt on its way through the middleware. */
class MiddlewareCall implements Abortable {
  readonly #middleware: readonly Middleware[]
  readonly #exchange: Exchange
  readonly #target: Target
  readonly #attempt: number
  readonly #controller = new AbortController()
  /** What is asked in place of the caller's request. */
  #asked: Exchange | undefined
  /** Whether the call's end will give the place at the target back. */
  #begun = false
  /** It was answered or failed: whoever of the middleware goes on asks in vain. */
  #over = false
  #answer: Answer | undefined
  #giveUp: ((error: SluiceError) => void) | undefined

  constructor(middleware: readonly Middleware[], exchange: Exchange, target: Target, attempt: number) {
    this.#middleware = middleware
    this.#exchange = exchange
    this.#target = target
    this.#attempt = attempt
  }

  async run(ask: (request: Exchange) => Promise<Answer>): Promise<Answer> {
    this.#exchange.underWay = this
    const givenUp = new Promise<never>((_, reject) => {
      this.#giveUp = reject
    })
    try {
      const response = await Promise.race([this.#pass(0, { exchange: this.#exchange }, ask), givenUp])
      // What was asked and is not answered with is wanted no more.
      if (!response.asked) this.#asked?.abort()
      return (this.#answer = response.answer)
    } catch (thrown) {
      this.#asked?.abort()
      throw middlewareFailure(thrown)
    } finally {
      this.#over = true
      if (!this.#begun) this.#target.state.limit?.leave()
    }
  }

  /** The caller went away. */
  abort(): void {
    const gone = callerGone()
    this.#asked?.abort()
    this.#answer?.cancel()
    this.#giveUp?.(gone)
    this.#controller.abort(gone)
  }

  async #pass(index: number, body: RequestBody, ask: (request: Exchange) => Promise<Answer>): Promise<AttemptResponse> {
    const layer = this.#middleware[index]
    if (layer === undefined) return this.#ask(body, ask)
    const { signal } = this.#controller
    const request = new AttemptRequest({ body, target: this.#target, attempt: this.#attempt, signal })
    let passed = false
    const response: MiddlewareResponse = await layer(request, (changed) => {
      if (passed)
        return Promise.reject(misuse('A middleware called `next` twice: to repeat a call is up to the route.'))
      passed = true
      const further = this.#pass(index + 1, request.bodyWith(changed), ask)
      // Who does not wait for it does not hear of its failure.
      further.catch(() => undefined)
      return further
    })
    if (response instanceof AttemptResponse) return response
    throw misuse('A middleware gave no response: return what `next` gives, or `request.answer(…)`.')
  }

  async #ask(
    { exchange, changed }: RequestBody,
    ask: (request: Exchange) => Promise<Answer>,
  ): Promise<AttemptResponse> {
    if (this.#controller.signal.aborted) throw callerGone()
    if (this.#over) throw misuse('A middleware called `next` when its attempt was over.')
    const request = (this.#asked = derive(exchange, changed))
    const asking = ask(request)
    this.#begun = true
    return new AttemptResponse(await asking, { exchange: request, signal: this.#controller.signal, asked: true })
  }
}

function misuse(message: string): SluiceError {
  return new SluiceError('middleware_failed', message)
}

const encoder = new TextEncoder()

/** The same request, which can be given up without giving up its caller's; with another body, where there is one. */
function derive(exchange: Exchange, changed: RequestBody['changed']): Exchange {
  const { underWay: _, ...said } = exchange
  const { id, dialect, startedAt, memory } = said
  const body = changed === undefined ? said.body : encode(changed)
  const peek = changed === undefined ? said.peek : changedPeek(said.peek, dialect.peek(body))
  const remembered = changed === undefined ? memory : memory && { ...told(changed, body), head: memory.head }
  const derived = new Exchange(id, dialect, body, peek, startedAt)
  // What was worked out of the body is worked out anew.
  return Object.assign(derived, said, { body, peek, memory: remembered, neutral: undefined, facts: undefined })
}

/** What the middleware saw had the earlier turns in it already. */
function told(wire: object, body: Uint8Array): Pick<NonNullable<Exchange['memory']>, 'wireFor' | 'bodyFor'> {
  return { wireFor: () => wire, bodyFor: () => body }
}

/** What was asked for is settled; where it stands in the bytes is not as it was, so that they are parsed. */
function changedPeek(peek: Peek, { choosesRoute }: Peek): Peek {
  const { choosesRoute: _, ...settled } = peek
  return { ...settled, plain: false, ...(choosesRoute !== undefined && { choosesRoute }) }
}

function encode(body: object): Uint8Array {
  try {
    return encoder.encode(JSON.stringify(body))
  } catch (cause) {
    throw new SluiceError('middleware_failed', 'A middleware gave a body that JSON cannot say (a cycle, a BigInt).', {
      cause,
    })
  }
}
