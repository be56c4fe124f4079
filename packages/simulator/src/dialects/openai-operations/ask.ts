import type { Ask, DialectContext } from '../../dialect.ts'
import { words } from '../../reply/fragments.ts'
import type { CompleteReply } from '../../reply/reply.ts'

/** What a script says about an operation that is no chat: its text, model, usage and further members. */
export function replyTo(
  context: DialectContext,
  asked: Pick<Ask, 'model' | 'said'> & { readonly tokens?: number },
): CompleteReply {
  return context.reply({
    model: asked.model,
    stream: false,
    said: asked.said,
    toolResults: [],
    tools: [],
    toolChoice: 'none',
    audio: false,
    logprobs: false,
    stop: [],
    choiceCount: 1,
    promptTokens: asked.tokens ?? words(asked.said).length,
  })
}
