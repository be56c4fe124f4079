import { type ChatEvent, type ChatRequest, decodeChatRequest, noUsage, type Usage } from '@sluice/protocol'
import type { Answer } from '../dispatch/answer.ts'
import type { Exchange } from '../dispatch/exchange.ts'
import { neutralRequest } from '../dispatch/neutral-request.ts'
import { countTokens } from '../tokens/count-tokens.ts'

/** Of a stream in OpenAI's chat dialect that ended before its provider said: what was asked, and what was heard. */
export async function estimateChatUsage(
  exchange: Exchange,
  { target }: Answer,
  events: readonly ChatEvent[],
): Promise<Usage> {
  const request = neutralRequest(exchange, { request: { decode: decodeChatRequest } }, target) as ChatRequest
  const start = events.find((event) => event.type === 'message-start')
  const model = start?.model ?? target.model
  let heard = ''
  for (const event of events) {
    if (event.type === 'text-delta') heard += event.text
    else if (event.type === 'tool-input-delta') heard += event.input
  }
  const empty = { model, messages: [{ role: 'assistant', content: '' }] } as const
  const said = { ...empty, messages: [{ role: 'assistant', content: heard }] } as const
  const [input, frame, both] = await Promise.all([request, empty, said].map((counted) => countTokens(counted, model)))
  const output = Math.max(0, (both?.tokens ?? 0) - (frame?.tokens ?? 0))
  return { ...noUsage, input: input?.tokens ?? 0, output, estimated: true }
}
