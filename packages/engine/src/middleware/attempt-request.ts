import { type Operation, SluiceError, type Usage } from '@sluice/protocol'
import type { Exchange } from '../dispatch/exchange.ts'
import type { Target } from '../dispatch/target.ts'
import { factsOf } from '../routing/route-request.ts'
import { AttemptResponse } from './attempt-response.ts'
import type { MiddlewareRequest, RequestObject } from './middleware.ts'
import { ownAnswer } from './own-answer.ts'

/** What is asked so far: the caller's body, or what a middleware made of it. */
export interface RequestBody {
  readonly exchange: Exchange
  readonly changed?: RequestObject | undefined
}

interface AttemptFacts {
  readonly body: RequestBody
  readonly target: Target
  readonly attempt: number
  readonly signal: AbortSignal
}

/** One attempt as a middleware sees it. */
export class AttemptRequest implements MiddlewareRequest {
  readonly #facts: AttemptFacts
  #body: RequestObject | undefined

  constructor(facts: AttemptFacts) {
    this.#facts = facts
    this.#body = facts.body.changed
  }

  get id(): string {
    return this.#exchange.id
  }

  get operation(): Operation {
    return this.#exchange.dialect.operation
  }

  get dialect(): string {
    return this.#exchange.dialect.id
  }

  get requestedModel(): string | undefined {
    return this.#exchange.peek.model
  }

  get provider(): string {
    return this.#facts.target.provider.id
  }

  get model(): string {
    // A gateway is told the caller's own word.
    return this.#facts.target.model || (this.#exchange.peek.model ?? '')
  }

  get attempt(): number {
    return this.#facts.attempt
  }

  get stream(): boolean {
    return this.#exchange.peek.stream
  }

  get principal(): string {
    return this.#exchange.principal
  }

  get signal(): AbortSignal {
    return this.#facts.signal
  }

  get body(): RequestObject {
    return (this.#body ??= readBody(this.#exchange, this.#facts.target))
  }

  answer(body: string | RequestObject, { usage }: { readonly usage?: Usage } = {}): AttemptResponse {
    const { target, signal } = this.#facts
    const exchange = this.#exchange
    return new AttemptResponse(ownAnswer(body, { exchange, target, usage }), { exchange, signal, asked: false })
  }

  /** What `next` is to ask with. */
  bodyWith(changed: RequestObject | undefined): RequestBody {
    const { body } = this.#facts
    if (changed === undefined || changed === this.#body) return body
    if (isForm(body.exchange))
      throw new SluiceError('middleware_failed', 'A request that is a form cannot be changed by a middleware.')
    return { ...body, changed: settled(changed, this.body) }
  }

  get #exchange(): Exchange {
    return this.#facts.body.exchange
  }
}

const decoder = new TextDecoder()
const noBody: RequestObject = Object.freeze({})

/** As it would be sent: with earlier turns, where it goes on from them. */
function readBody(exchange: Exchange, target: Target): RequestObject {
  if (isForm(exchange)) return noBody
  const { memory, body } = exchange
  if (memory === undefined) return factsOf(exchange).params
  if (target.plan.kind === 'translate') return memory.wireFor(target) as RequestObject
  return JSON.parse(decoder.decode(memory.bodyFor(target) ?? body)) as RequestObject
}

/** Who is asked, and whether for a stream, was decided before. */
function settled(changed: RequestObject, { model, stream }: RequestObject): RequestObject {
  return changed['model'] === model && changed['stream'] === stream ? changed : { ...changed, model, stream }
}

function isForm({ dialect }: Exchange): boolean {
  return dialect.form !== undefined
}
