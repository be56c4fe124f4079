import { SluiceError, totalInput, totalOutput } from '@sluice/protocol'
import type { CallOptions } from '../call-engine.ts'
import type { ChatAnswer } from '../chat-answer.ts'
import type { ChatInputMessage, ChatInputRequest } from '../chat-input.ts'
import type { Sluice } from '../create-sluice.ts'

/** A prompt, in the words of earlier systems. */
export interface ContentRequest {
  readonly prompt: string
  /** Id of a configured provider. Default: that of the model, else the default one. */
  readonly provider?: string | undefined
  /** Default: the provider's default model. */
  readonly model?: string | undefined
  /** Default 1000. */
  readonly max_tokens?: number | undefined
  /** Default 0.7. */
  readonly temperature?: number | undefined
  readonly system_prompt?: string | undefined
}

/** A text, in the words of earlier systems. */
export interface GeneratedContent {
  readonly content: string
  /** As the provider names it. */
  readonly model: string
  /** Input and output; `null` when the provider told none. */
  readonly tokens_used: number | null
  /** Id of the configured provider that answered. */
  readonly provider: string
}

/** One prompt, one text. */
export async function generateContent(
  sluice: Sluice,
  request: ContentRequest,
  options: CallOptions = {},
): Promise<GeneratedContent> {
  const { prompt, provider, model, max_tokens = 1000, temperature = 0.7, system_prompt } = request
  const system: ChatInputMessage[] = system_prompt === undefined ? [] : [{ role: 'system', content: system_prompt }]
  const name = provider === undefined || model === undefined ? (provider ?? model) : `${provider}/${model}`
  const answer = await sluice.chat(
    {
      ...(name !== undefined && { model: name }),
      messages: [...system, { role: 'user', content: prompt }],
      max_tokens,
      temperature,
    },
    options,
  )
  const { text, usage } = answer
  return {
    content: text,
    model: answer.model,
    tokens_used: usage === undefined ? null : totalInput(usage) + totalOutput(usage),
    provider: answer.provider,
  }
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
