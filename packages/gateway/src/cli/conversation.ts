import { type ChatEvent, openaiChat, SluiceError } from '@sluice/protocol'
import type { OpenGateway } from './open-gateway.ts'

interface Message {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

/** A conversation with one model. */
export interface Conversation {
  /** The answer's text as it comes. What failed is not remembered. */
  ask(question: string, signal?: AbortSignal): AsyncGenerator<string, void>
  /** The whole answer as the gateway gives it. */
  askWhole(question: string): Promise<unknown>
}

/** What was said and answered goes along with each question. */
export function startConversation(
  gateway: OpenGateway,
  model: string | undefined,
  system: string | undefined,
): Conversation {
  const said: Message[] = system === undefined ? [] : [{ role: 'system', content: system }]
  const request = (question: string, stream: boolean, signal?: AbortSignal): Promise<Response> => {
    const messages = [...said, { role: 'user', content: question }]
    const body = { ...(model === undefined ? {} : { model }), messages, stream }
    return gateway.request('POST', '/chat/completions', body, signal)
  }
  return {
    async *ask(question, signal) {
      let answer = ''
      for await (const text of textOf(await request(question, true, signal), signal)) {
        answer += text
        yield text
      }
      said.push({ role: 'user', content: question }, { role: 'assistant', content: answer })
    },
    askWhole: async (question) => (await request(question, false)).json(),
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
