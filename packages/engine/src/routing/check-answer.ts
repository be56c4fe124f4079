import {
  type ChatDialect,
  type ChatEvent,
  type ChatRequest,
  type ChatResult,
  type ContentPart,
  SluiceError,
  type StreamDecoder,
} from '@sluice/protocol'
import type { Abortable } from '../dispatch/abortable.ts'
import type { Answer, AnswerSink } from '../dispatch/answer.ts'
import type { Exchange } from '../dispatch/exchange.ts'
import { gatherAnswer } from '../dispatch/gather-answer.ts'
import { fitsFormat } from './fits-format.ts'
import type { RoutePolicy } from './route-plan.ts'
import { factsOf } from './route-request.ts'

/** Of a stream that says nothing for so many bytes, it is not waited for more. */
const mostHeld = 64 * 1024

/** Whether a route has something to fall back to when an answer is good in form only. */
export function checksAnswers(fallbacks: RoutePolicy['fallbacks']): boolean {
  return fallbacks['empty-answer'] !== undefined || fallbacks['invalid-output'] !== undefined
}

/**
 * Holds an answer back until it is known to say something, and a whole one to be in the form that was asked for, as far as
 * the route has a fallback for that. Answers of other operations than chat are not looked at.
 *
 * @throws SluiceError `empty_answer`, `invalid_output`, or what breaks the answer off meanwhile.
 */
export async function checkAnswer(exchange: Exchange, answer: Answer, { fallbacks }: RoutePolicy): Promise<Answer> {
  const { dialect } = exchange
  if (!isChat(dialect)) return answer
  if (answer.stream) return fallbacks['empty-answer'] === undefined ? answer : heldBack(exchange, answer, dialect)
  const body = answer.whole ?? (await collected(exchange, answer))
  const result = decode(body, dialect)
  if (result !== undefined) {
    if (fallbacks['empty-answer'] !== undefined && isEmpty(result)) throw empty()
    if (fallbacks['invalid-output'] !== undefined) {
      const problem = await fitsFormat(result, formatOf(exchange, dialect))
      if (problem !== undefined) throw new SluiceError('invalid_output', problem)
    }
  }
  return answer.whole === undefined ? new CollectedAnswer(answer, body) : answer
}

const silent = { warn: () => {} }

function isChat(dialect: Exchange['dialect']): dialect is ChatDialect {
  return dialect.operation === 'chat' && 'result' in dialect && dialect.stream !== undefined
}

/** `undefined` for what cannot be read, which is the caller's to see as it is. */
function decode(body: Uint8Array, dialect: ChatDialect): ChatResult | undefined {
  try {
    return dialect.result.decode(JSON.parse(new TextDecoder().decode(body)), silent)
  } catch {
    return undefined
  }
}

/** `undefined` for a request that the provider understood and we do not. */
function formatOf(exchange: Exchange, dialect: ChatDialect): ChatRequest['responseFormat'] {
  try {
    return dialect.request.decode(factsOf(exchange).params, silent).responseFormat
  } catch {
    return undefined
  }
}

function isEmpty({ choices }: ChatResult): boolean {
  return choices.every(({ content }) => content.every((part) => !saysSomething(part)))
}

/** What a model only thought is no answer. */
function saysSomething(part: ContentPart): boolean {
  switch (part.type) {
    case 'reasoning':
      return false
    case 'text':
      return part.text.trim() !== ''
    default:
      return true
  }
}

function empty(): SluiceError {
  return new SluiceError('empty_answer', 'The model answered with no text and no call of a tool.')
}

/** Has the caller's going away end the wait for what an answer says. */
function whileHeld(exchange: Exchange, answer: Answer, reject: (error: SluiceError) => void): Abortable {
  const abortable = {
    abort() {
      answer.cancel()
      reject(new SluiceError('client_closed_request', 'The caller went away.'))
    },
  }
  exchange.underWay = abortable
  return abortable
}

function collected(exchange: Exchange, answer: Answer): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    whileHeld(exchange, answer, reject)
    gatherAnswer(answer).then(resolve, reject)
  })
}

function heldBack(exchange: Exchange, answer: Answer, dialect: ChatDialect): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const held = new HeldAnswer(answer, dialect, resolve, reject)
    const abortable = whileHeld(exchange, answer, reject)
    answer.relay(held)
    if (exchange.underWay === abortable && held.over) exchange.underWay = undefined
  })
}

/** A whole answer that was gathered. */
class CollectedAnswer implements Answer {
  readonly target: Answer['target']
  readonly headers: Answer['headers']
  readonly stream = false
  readonly tap: Answer['tap']
  readonly whole: Uint8Array

  constructor({ target, headers, tap }: Answer, whole: Uint8Array) {
    this.target = target
    this.headers = headers
    this.tap = tap
    this.whole = whole
  }

  relay(sink: AnswerSink): void {
    sink.write(this.whole)
    sink.end()
  }

  pause(): void {}
  resume(): void {}
  cancel(): void {}
}

/** A stream of which nothing goes on before it says something. A class for its fields: they are touched once a chunk. */
class HeldAnswer implements Answer, AnswerSink {
  readonly target: Answer['target']
  readonly headers: Answer['headers']
  readonly stream = true
  readonly tap: Answer['tap']
  readonly whole = undefined
  readonly #answer: Answer
  readonly #resolve: (answer: Answer) => void
  readonly #reject: (error: SluiceError) => void
  #decoder: StreamDecoder | undefined
  /** The parts in which the model thinks. */
  readonly #thoughts = new Set<string>()
  #held: Uint8Array[] = []
  #size = 0
  #released = false
  #sink: AnswerSink | undefined
  #failure: SluiceError | undefined
  /** Nothing more comes. */
  over = false

  constructor(
    answer: Answer,
    dialect: ChatDialect,
    resolve: (answer: Answer) => void,
    reject: (error: SluiceError) => void,
  ) {
    const { target, headers, tap } = answer
    this.target = target
    this.headers = headers
    this.tap = tap
    this.#answer = answer
    this.#resolve = resolve
    this.#reject = reject
    this.#decoder = dialect.stream.decoder((event) => {
      if (this.#isContent(event)) this.#release()
    }, silent)
  }

  write(bytes: Uint8Array): void {
    if (this.#sink !== undefined) return this.#sink.write(bytes)
    this.#held.push(bytes)
    if (this.#released) return
    this.#size += bytes.length
    this.#decoder?.write(bytes)
    if (this.#size >= mostHeld) this.#release()
  }

  end(): void {
    this.over = true
    if (!this.#released) return this.#reject(empty())
    this.#sink?.end()
  }

  fail(error: SluiceError): void {
    this.over = true
    this.#failure = error
    if (!this.#released) return this.#reject(error)
    this.#sink?.fail(error)
  }

  relay(sink: AnswerSink): void {
    this.#sink = sink
    const held = this.#held
    this.#held = []
    for (const bytes of held) sink.write(bytes)
    if (this.#failure !== undefined) sink.fail(this.#failure)
    else if (this.over) sink.end()
  }

  pause(): void {
    this.#answer.pause()
  }

  resume(): void {
    this.#answer.resume()
  }

  cancel(): void {
    this.#answer.cancel()
    this.#sink = undefined
  }

  #release(): void {
    if (this.#released) return
    this.#released = true
    this.#decoder = undefined
    this.#resolve(this)
  }

  #isContent(event: ChatEvent): boolean {
    switch (event.type) {
      case 'part-start':
        if (event.content.type === 'reasoning') this.#thoughts.add(`${event.choice} ${event.part}`)
        return saysSomething(event.content)
      case 'audio-delta':
      case 'tool-input-delta':
        return true
      case 'text-delta':
        return event.text.trim() !== '' && !this.#thoughts.has(`${event.choice} ${event.part}`)
      default:
        return false
    }
  }
}
