import { type ChatEvent, openaiChat, SluiceError } from '@sluice/protocol'
import type { OpenGateway } from './open-gateway.ts'

interface Message {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

/** A conversation with one model; what was said and answered goes along with each question. */
export class Conversation {
  readonly #gateway: OpenGateway
  readonly #model: string | undefined
  readonly #messages: Message[]

  constructor(gateway: OpenGateway, model: string | undefined, system: string | undefined) {
    this.#gateway = gateway
    this.#model = model
    this.#messages = system === undefined ? [] : [{ role: 'system', content: system }]
  }

  /** The answer's text as it comes. What failed is not remembered. */
  async *ask(question: string, signal?: AbortSignal): AsyncGenerator<string, void> {
    const messages: Message[] = [...this.#messages, { role: 'user', content: question }]
    const response = await this.#gateway.request('POST', '/chat/completions', this.#request(messages, true), signal)
    let answer = ''
    for await (const text of textOf(response, signal)) {
      answer += text
      yield text
    }
    this.#messages.push({ role: 'user', content: question }, { role: 'assistant', content: answer })
  }

  /** The whole answer as the gateway gives it. */
  async askWhole(question: string): Promise<unknown> {
    const messages: Message[] = [...this.#messages, { role: 'user', content: question }]
    return (await this.#gateway.request('POST', '/chat/completions', this.#request(messages, false))).json()
  }

  #request(messages: readonly Message[], stream: boolean): object {
    return { ...(this.#model === undefined ? {} : { model: this.#model }), messages, stream }
  }
}

async function* textOf(response: Response, signal: AbortSignal | undefined): AsyncGenerator<string, void> {
  let texts: string[] = []
  let failure: SluiceError | undefined
  const shown = new Set<number>()
  const decoder = openaiChat.stream.decoder(
    (event: ChatEvent) => {
      if (event.type === 'error') failure = event.error
      else if (event.type === 'part-start' && (event.content.type === 'text' || event.content.type === 'refusal')) {
        shown.add(event.part)
        texts.push(event.content.text)
      } else if (event.type === 'text-delta' && shown.has(event.part)) texts.push(event.text)
    },
    { warn: () => {} },
  )
  const take = (): string => {
    const text = texts.join('')
    texts = []
    return text
  }
  try {
    for await (const chunk of response.body ?? []) {
      decoder.write(chunk)
      yield take()
      if (failure !== undefined) throw failure
    }
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause
    const message = signal?.aborted === true ? 'Given up.' : 'The connection to the gateway broke off.'
    throw new SluiceError(signal?.aborted === true ? 'client_closed_request' : 'upstream_disconnected', message, {
      cause,
    })
  }
  decoder.end()
  yield take()
  if (failure !== undefined) throw failure
}
