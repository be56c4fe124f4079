import {
  type ChatResult,
  type NeutralResult,
  noUsage,
  SluiceError,
  type TranslatableDialect,
  unfoldChatResult,
  type Usage,
} from '@sluice/protocol'
import type { Answer } from '../dispatch/answer.ts'
import type { Exchange } from '../dispatch/exchange.ts'
import { neutralRequest } from '../dispatch/neutral-request.ts'
import type { Target } from '../dispatch/target.ts'
import { encodeJson, isChat, writeEvents } from './chat-bytes.ts'
import type { RequestObject } from './middleware.ts'
import { tellingTap, WholeAnswer } from './whole-answer.ts'

interface Answering {
  readonly exchange: Exchange
  readonly target: Target
  readonly usage: Usage | undefined
}

/** The answer that a middleware gives in place of a provider, in the caller's API. */
export function ownAnswer(body: string | RequestObject, { exchange, target, usage = noUsage }: Answering): Answer {
  const { dialect, peek } = exchange
  const facts = { target, headers: {}, stream: peek.stream }
  if (!isChat(dialect)) {
    if (typeof body !== 'string')
      return new WholeAnswer(encodeJson(withUsage(body, { exchange, target, usage })), {
        ...facts,
        tap: tellingTap(usage, undefined),
      })
    const message = `A middleware answered ${dialect.operation} with a text, which only a chat is.`
    throw new SluiceError('middleware_failed', message)
  }
  const said = typeof body === 'string' ? say(body, exchange, target) : dialect.result.decode(body, exchange)
  const result: ChatResult = { ...said, usage }
  const whole = peek.stream
    ? writeEvents(unfoldChatResult(result), dialect, exchange)
    : encodeJson(dialect.result.encode(result, exchange))
  return new WholeAnswer(whole, { ...facts, tap: tellingTap(usage, result.choices[0]?.finishReason ?? undefined) })
}

function say(text: string, { id, peek }: Exchange, { model }: Target): ChatResult {
  return {
    id,
    created: Math.floor(Date.now() / 1000),
    model: model || (peek.model ?? ''),
    choices: [{ index: 0, content: [{ type: 'text', text }], finishReason: 'stop' }],
  }
}

function withUsage(body: RequestObject, { exchange, target, usage }: Answering & { readonly usage: Usage }): unknown {
  const { dialect } = exchange
  if (!('result' in dialect)) return body
  const caller = dialect as TranslatableDialect
  const answer: NeutralResult = { ...caller.result.decode(body, exchange), usage }
  return caller.result.encode(answer, exchange, neutralRequest(exchange, caller, target))
}
