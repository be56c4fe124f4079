import { randomUUID } from 'node:crypto'
import { type AnswerHead, SluiceError, type WireObject } from '@sluice/protocol'
import {
  answerHeadOf,
  continueConversation,
  type FinishedResponse,
  readFinishedResponse,
  readRequestedState,
  type RequestedState,
  statelessRequest,
} from '@sluice/protocol/dialects'
import type { Answer, ConfiguredProvider, Exchange, RequestMemory, Target } from 'sluice'
import { KeptAnswer } from './kept-answer.ts'
import type { LazyResponseStore } from './lazy-response-store.ts'
import { previousNotFound, printable, recall, type Recollection } from './recall.ts'

export interface ResponseTurns {
  /**
   * Looks up what a request goes on from, and is what it is told.
   * @param site id of the workspace that serves it by providers of its own, where one does.
   * @throws SluiceError `previous_response_not_found`, `body_too_large`.
   */
  begin(exchange: Exchange, owner: string, site: string | undefined): ResponseTurn | Promise<ResponseTurn>
}

export interface ResponseTurnsOptions {
  /** Absent where nothing is to be kept. */
  readonly store: LazyResponseStore | undefined
  /** Of a conversation's bytes, about. */
  readonly limit: number
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Hears why an answer could not be kept. */
  readonly failed: (error: unknown, requestId: string) => void
  /** Whether a provider is one of the gateway, by its address and its key. */
  readonly isOfGateway: (provider: ConfiguredProvider) => boolean
}

/** What requests of the Responses API go on from, and what is kept of their answers. */
export function createResponseTurns(options: ResponseTurnsOptions): ResponseTurns {
  return {
    begin(exchange, owner, site) {
      const turn = new ResponseTurn(exchange, owner, site, options)
      return options.store !== undefined && mayRefer(exchange) ? turn.recall(options.store) : turn
    },
  }
}

/** Whether a request may name something earlier. Cheap; in doubt `true`. */
function mayRefer({ body, peek }: Exchange): boolean {
  if (!peek.plain) return true
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return bytes.includes('previous_response_id') || bytes.includes('item_reference')
}

const usableId = /^[\w.-]{1,200}$/
const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** One request, and what it goes on from. */
export class ResponseTurn implements RequestMemory {
  readonly #exchange: Exchange
  readonly #owner: string
  readonly #site: string | undefined
  readonly #options: ResponseTurnsOptions
  readonly #id = `resp_${randomUUID().replaceAll('-', '')}`
  #wire: unknown
  #state: RequestedState | undefined
  #recollection: Recollection | undefined
  #head: AnswerHead | undefined
  /** By dialect. */
  readonly #wires = new Map<string, WireObject>()

  constructor(exchange: Exchange, owner: string, site: string | undefined, options: ResponseTurnsOptions) {
    this.#exchange = exchange
    this.#owner = owner
    this.#site = site
    this.#options = options
  }

  async recall(store: LazyResponseStore): Promise<this> {
    const request = this.#read()
    const named = request !== undefined && (this.#said.previousResponseId ?? this.#said.references[0]) !== undefined
    if (named) this.#recollection = await recall(this.#said, { store, owner: this.#owner, limit: this.#options.limit })
    return this
  }

  wireFor(target: Target): unknown {
    const wire = this.#read()
    // The dialect says what is wrong with it.
    if (wire === undefined) return this.#wire
    const { dialect } = target.plan
    const known = this.#wires.get(dialect.id)
    if (known !== undefined) return known
    this.#check(target)
    const { turns, references } = this.#recollection ?? { turns: [], references: new Map<string, WireObject>() }
    const missing = this.#said.references.find((id) => !references.has(id))
    if (missing !== undefined) throw itemNotFound(missing)
    const continued = statelessRequest(wire, { turns, references, dialect: dialect.id })
    this.#wires.set(dialect.id, continued)
    return continued
  }

  bodyFor(target: Target): Uint8Array | undefined {
    const recollection = this.#recollection
    const wire = recollection && this.#read()
    if (recollection === undefined || wire === undefined) return undefined
    const { relayed, turns, references } = recollection
    if (relayed !== undefined && relayed.provider !== this.#keeperOf(target)) throw keptElsewhere(relayed, target)
    if (turns.length === 0 && references.size === 0) return undefined
    const { id: dialect } = target.plan.dialect
    const continued = continueConversation(wire, { turns, references, dialect })
    // With references only, what they are to follow is still the provider's.
    const previous = turns.length === 0 ? { previous_response_id: wire['previous_response_id'] } : undefined
    return encoder.encode(JSON.stringify({ ...continued, ...previous }))
  }

  get head(): AnswerHead {
    const created = Math.floor(this.#options.now() / 1000)
    return (this.#head ??= answerHeadOf(this.#read() ?? {}, { id: this.#id, created, stored: this.#stores }))
  }

  /** The answer as it is to be sent: what is to be kept of it is kept before its last byte. */
  async keep(answer: Answer): Promise<Answer> {
    const { store } = this.#options
    const { model, plan } = answer.target
    if (store === undefined) return answer
    if (plan.kind === 'passthrough') {
      const id = answer.tap.storedId?.()
      if (id !== undefined && usableId.test(id))
        store.remember({ kind: 'relayed', id, owner: this.#owner, provider: this.#keeperOf(answer.target), model })
      return answer
    }
    if (!this.#stores) return answer
    const save = (response: FinishedResponse): Promise<void> => this.#save(store, response, plan.dialect.id)
    if (answer.whole === undefined) return new KeptAnswer(answer, save)
    const response = readFinishedResponse(answer.whole, answer.stream)
    if (response !== undefined) await save(response)
    return answer
  }

  /** A site's own server may say that it keeps whatever it likes: the gateway's provider is not asked for that. */
  #keeperOf({ provider }: Target): string {
    const { id } = provider
    return this.#site === undefined || this.#options.isOfGateway(provider) ? id : `${id}@${this.#site}`
  }

  async #save(store: LazyResponseStore, response: FinishedResponse, dialect: string): Promise<void> {
    const chain = this.#recollection?.chain ?? []
    try {
      await store.save(
        {
          kind: 'kept',
          id: this.#id,
          owner: this.#owner,
          previousId: chain.at(-1),
          dialect,
          input: JSON.stringify(this.#read()?.['input'] ?? null),
          response: response.text,
        },
        chain,
      )
    } catch (error) {
      // The answer is worth more than its being kept.
      this.#options.failed(error, this.#exchange.id)
    }
  }

  get #stores(): boolean {
    return this.#options.store !== undefined && this.#read() !== undefined && this.#said.store
  }

  /** The request, parsed once; `undefined` when it is no object. */
  #read(): WireObject | undefined {
    this.#wire ??= JSON.parse(decoder.decode(this.#exchange.body)) as unknown
    const isObject = typeof this.#wire === 'object' && this.#wire !== null && !Array.isArray(this.#wire)
    return isObject ? (this.#wire as WireObject) : undefined
  }

  get #said(): RequestedState {
    return (this.#state ??= readRequestedState(this.#read() ?? {}))
  }

  /** @throws SluiceError for what a provider without state cannot be asked. */
  #check(target: Target): void {
    const { background, conversation, previousResponseId } = this.#said
    const { name } = target.provider
    if (background) throw refuse('background', `${name} cannot answer in the background`, 'Leave `background` out')
    if (conversation)
      throw refuse('conversation', `${name} keeps no conversation objects`, 'Use `previous_response_id`')
    if (previousResponseId === undefined) return
    if (this.#options.store === undefined)
      throw refuse('previous_response_id', 'This gateway keeps no responses', 'Send the whole conversation as `input`')
    const { relayed, unknown } = this.#recollection ?? { relayed: undefined, unknown: previousResponseId }
    if (relayed !== undefined) throw keptElsewhere(relayed, target)
    if (unknown !== undefined) throw previousNotFound(unknown)
  }
}

function refuse(param: string, problem: string, wayOut: string): SluiceError {
  return new SluiceError(
    'invalid_request',
    `\`${param}\`: ${problem}. ${wayOut}, or name a model whose provider speaks the Responses API.`,
    { param },
  )
}

function keptElsewhere(
  { id, provider, model }: { id: string; provider: string; model: string },
  target: Target,
): SluiceError {
  return new SluiceError(
    'invalid_request',
    `The response '${id}' is kept by the provider "${provider}", and ${target.provider.name} cannot go on from it. Name a model of "${provider}" (it was ${model}), or send the whole conversation as \`input\`.`,
    { param: 'previous_response_id' },
  )
}

function itemNotFound(id: string): SluiceError {
  return new SluiceError(
    'invalid_request',
    `Item with id '${printable(id)}' not found. Items are kept with responses that are stored, for their caller; send the item itself instead.`,
    { param: 'input' },
  )
}
