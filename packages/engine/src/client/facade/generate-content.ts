import { SluiceError } from '@sluice/protocol'
import type { CallOptions } from '../call-engine.ts'
import type { ChatAnswer } from '../chat-answer.ts'
import type { ChatInputMessage, ChatInputRequest } from '../chat-input.ts'
import type { ContentRequest, GeneratedContent } from '../content/generate-content.ts'
import type { Sluice } from '../create-sluice.ts'

/** One prompt, one text. */
export async function generateContent(
  sluice: Sluice,
  request: ContentRequest,
  options: CallOptions = {},
): Promise<GeneratedContent> {
  const { content, model, tokens_used, provider } = await sluice.content.generate(request, options)
  return { content, model, tokens_used, provider }
}

/**
 * Asks one provider after the other, each by its default model, until one answers. Names of models and routes will do.
 * @throws SluiceError of the last; its `cause` has the errors of all.
 */
export function chatWithFallback(
  sluice: Sluice,
  messages: readonly ChatInputMessage[],
  providers: readonly string[],
  parameters: Omit<ChatInputRequest, 'messages' | 'model' | 'models'> = {},
  options: CallOptions = {},
): Promise<ChatAnswer> {
  if (providers.length === 0)
    return Promise.reject(new SluiceError('invalid_request', 'Name at least one provider.', { param: 'providers' }))
  return sluice.chat({ ...parameters, messages, models: providers }, options)
}
