import { SluiceError, totalInput, totalOutput } from '@sluice/protocol'
import type { AnswerFacts, CallOptions } from '../call-engine.ts'
import type { ChatAnswer } from '../chat-answer.ts'
import type { Ask } from '../chat-client.ts'
import type { ChatInputMessage, ChatInputRequest } from '../chat-input.ts'

/** What a text is to be, and who is asked for it. */
export interface ContentRequest {
  readonly prompt: string
  /** Id of a configured provider, else it is `provider_not_found`. Default: that of the model, else the default one. */
  readonly provider?: string | undefined
  /** Default: the provider's default model. */
  readonly model?: string | undefined
  /** Default 1000. */
  readonly max_tokens?: number | undefined
  /** Default 0.7. */
  readonly temperature?: number | undefined
  readonly system_prompt?: string | undefined
}

/** A text, and who wrote it. */
export interface GeneratedContent {
  readonly content: string
  /** As the provider names it. */
  readonly model: string
  /** Input and output; `null` when the provider told none. */
  readonly tokens_used: number | null
  /** Id of the configured provider that answered. */
  readonly provider: string
}

/** A text, and how it was come by. */
export interface ContentAnswer extends GeneratedContent, AnswerFacts {}

/** One prompt, one text. */
export async function generateContent(
  ask: Ask,
  request: string | ContentRequest,
  options: CallOptions,
): Promise<ContentAnswer> {
  return toContent(await ask(toChat(request, { max_tokens: 1000, temperature: 0.7 }), options))
}

/** The text of a prompt of the configuration, which says itself how it is asked. */
export async function contentFromTemplate(
  ask: Ask,
  prompt: string,
  variables: Readonly<Record<string, unknown>>,
  options: CallOptions,
): Promise<ContentAnswer> {
  return toContent(await ask({ prompt, variables }, options))
}

/** @param usual what counts where the request says nothing. */
export function toChat(
  request: string | ContentRequest,
  usual: Pick<ContentRequest, 'max_tokens' | 'temperature'> = {},
  instructions?: string,
): ChatInputRequest {
  // Without types anything may come.
  const { prompt, provider, model, system_prompt, ...said } =
    typeof request === 'string' ? { prompt: request } : (request ?? {})
  if (typeof prompt !== 'string' || prompt === '')
    throw new SluiceError('invalid_request', 'What is to be written is said by `prompt`, a text.', { param: 'prompt' })
  const { max_tokens = usual.max_tokens, temperature = usual.temperature } = said
  const name = provider === undefined || model === undefined ? (provider ?? model) : `${provider}/${model}`
  const system = [instructions, system_prompt].filter((text) => text !== undefined).join('\n\n')
  const messages: ChatInputMessage[] = [{ role: 'user', content: prompt }]
  if (system !== '') messages.unshift({ role: 'system', content: system })
  return {
    ...(name !== undefined && { model: name }),
    messages,
    ...(max_tokens !== undefined && { max_tokens }),
    ...(temperature !== undefined && { temperature }),
  }
}

function toContent({ text, model, provider, requestId, attempts, warnings, usage, cost }: ChatAnswer): ContentAnswer {
  return {
    content: text,
    model,
    tokens_used: usage === undefined ? null : totalInput(usage) + totalOutput(usage),
    provider,
    requestId,
    attempts,
    warnings,
    ...(usage !== undefined && { usage }),
    cost,
  }
}
