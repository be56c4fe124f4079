import { SluiceError } from '@sluice/protocol'
import { findPreset } from '../../config/plan-providers.ts'
import { providers as presets } from '../../providers.generated.ts'
import type { ChatAnswer } from '../chat-answer.ts'
import type { ChatInputMessage, ChatInputRequest } from '../chat-input.ts'
import type { ChatStream } from '../chat-stream.ts'
import { type ChatOptions, createSluice, type Sluice, type SluiceOptions } from '../create-sluice.ts'
import type { AvailableModel } from '../available-model.ts'
import type { CompletionRequest } from '../operations/complete.ts'
import type { TokenAnswer } from '../operations/count-tokens.ts'
import type { EmbedAnswer, EmbeddingRequest } from '../operations/embed.ts'
import type { ModerationAnswer, ModerationRequest } from '../operations/moderate.ts'

/** One provider, as config's nested form has it. */
export interface OpenAICompatibleConfig {
  /** A provider's id: `groq`, `together`, …; default: any that speaks OpenAI's API, at `base_url`. */
  readonly provider?: string | undefined
  /** Default: the provider's variable. */
  readonly api_key?: string | undefined
  readonly base_url?: string | undefined
  readonly default_model?: string | undefined
  /** Seconds. */
  readonly timeout?: number | undefined
  readonly max_retries?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** What a chat may say besides its messages, and how it is made. */
export type ChatParameters = Omit<ChatInputRequest, 'messages' | 'stream'> & ChatOptions

/** The kind of any provider that speaks OpenAI's API. */
const genericType = 'openai_compatible'

/** What OpenAI asks where a request for a judgement names no model. */
const usualModerator = 'omni-moderation-latest'
const lacksModel: ReadonlySet<string> = new Set(['model_not_found', 'upstream_model_not_found'])

/** One provider behind the methods that earlier systems have: a `Sluice` of one provider, and nothing more. */
export class OpenAICompatibleAPI {
  /** Id of the provider. */
  readonly provider: string
  readonly sluice: Sluice

  /** @throws SluiceError `invalid_config` */
  constructor({ provider, ...settings }: OpenAICompatibleConfig = {}, options: SluiceOptions = {}) {
    const name = provider ?? genericType
    // As its answers call it.
    this.provider = findPreset(presets, name)?.id ?? name
    const config = { ...(provider !== undefined && { provider }), ...settings }
    this.sluice = createSluice(
      {
        default_provider: this.provider,
        environment_providers: false,
        providers: { [this.provider]: { type: genericType, config } },
      },
      options,
    )
  }

  chat(messages: readonly ChatInputMessage[], parameters: ChatParameters & { readonly stream: true }): ChatStream
  chat(
    messages: readonly ChatInputMessage[],
    parameters?: ChatParameters & { readonly stream?: false },
  ): Promise<ChatAnswer>
  chat(
    messages: readonly ChatInputMessage[],
    {
      stream = false,
      signal,
      route,
      timeout,
      retries,
      runTools,
      ...request
    }: ChatParameters & { stream?: boolean } = {},
  ): ChatStream | Promise<ChatAnswer> {
    const input = { ...request, messages }
    const options = { signal, route, timeout, retries }
    if (stream) return this.sluice.stream(input, options)
    return this.sluice.chat(input, { ...options, ...(runTools !== undefined && { runTools }) })
  }

  complete(
    prompt: CompletionRequest['prompt'],
    parameters: Omit<CompletionRequest, 'prompt'> = {},
  ): Promise<ChatAnswer> {
    return this.sluice.complete({ ...parameters, prompt })
  }

  createEmbedding(
    input: EmbeddingRequest['input'],
    parameters: Omit<EmbeddingRequest, 'input'> = {},
  ): Promise<EmbedAnswer> {
    return this.sluice.embed({ ...parameters, input })
  }

  /** Asks this provider, by OpenAI's moderation model where none is named. */
  async moderate(
    input: ModerationRequest['input'],
    parameters: Omit<ModerationRequest, 'input'> = {},
  ): Promise<ModerationAnswer> {
    const model = parameters['model'] as string | undefined
    try {
      return await this.sluice.moderate({ ...parameters, model: `${this.provider}/${model ?? usualModerator}`, input })
    } catch (error) {
      if (model !== undefined || !(error instanceof SluiceError) || !lacksModel.has(error.code)) throw error
      const message = `No model is named, and ${this.provider} has no "${usualModerator}", which is meant then: name one of its own, as in \`moderate(input, { model })\`.`
      throw new SluiceError('invalid_request', message, { param: 'model', cause: error })
    }
  }

  countTokens(
    messages: readonly ChatInputMessage[],
    parameters: Omit<ChatInputRequest, 'messages'> = {},
  ): Promise<TokenAnswer> {
    return this.sluice.countTokens({ ...parameters, messages })
  }

  listModels(): Promise<readonly AvailableModel[]> {
    return this.sluice.listModels()
  }

  /** Whether the provider takes the key. @throws SluiceError when that cannot be found out. */
  validateCredentials(): Promise<boolean> {
    return this.sluice.validateCredentials(this.provider)
  }

  close(): Promise<void> {
    return this.sluice.close()
  }
}
