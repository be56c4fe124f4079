import { SluiceError } from '@sluice/protocol'
import { findPreset } from '../../config/plan-providers.ts'
import { providers as presets } from '../../providers.generated.ts'
import type { CallOptions } from '../call-engine.ts'
import type { ChatAnswer } from '../chat-answer.ts'
import { type ChatInput, type ChatInputRequest, isMessages } from '../chat-input.ts'
import type { ChatStream } from '../chat-stream.ts'
import { type ChatOptions, createSluice, type Sluice, type SluiceOptions } from '../create-sluice.ts'
import type { AvailableModel } from '../available-model.ts'
import type { WithoutCallOptions } from '../misplaced-options.ts'
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

/** What a request may say besides its main field, and how it is made, in one object. */
export type CallParameters<Request, Main extends keyof Request> = {
  readonly [Field in keyof Request as Field extends Main | keyof WithoutCallOptions ? never : Field]: Request[Field]
} & CallOptions

/** What a chat may say besides its messages, and how it is made. */
export type ChatParameters = CallParameters<ChatInputRequest, 'messages'> & ChatOptions

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

  chat(input: ChatInput, parameters: ChatParameters & { readonly stream: true }): ChatStream
  chat(input: ChatInput, parameters?: ChatParameters & { readonly stream?: false }): Promise<ChatAnswer>
  chat(input: ChatInput, parameters: ChatParameters & { readonly stream: boolean }): ChatStream | Promise<ChatAnswer>
  chat(
    input: ChatInput,
    { stream, ...parameters }: ChatParameters & { readonly stream?: boolean } = {},
  ): ChatStream | Promise<ChatAnswer> {
    const { request, options } = apart(parameters)
    const asked = withFields(input, request)
    return stream === true ? this.sluice.stream(asked, options) : this.sluice.chat(asked, options)
  }

  complete(
    prompt: CompletionRequest['prompt'],
    parameters: CallParameters<CompletionRequest, 'prompt'> = {},
  ): Promise<ChatAnswer> {
    const { request, options } = apart(parameters)
    return this.sluice.complete({ ...request, prompt }, options)
  }

  createEmbedding(
    input: EmbeddingRequest['input'],
    parameters: CallParameters<EmbeddingRequest, 'input'> = {},
  ): Promise<EmbedAnswer> {
    const { request, options } = apart(parameters)
    return this.sluice.embed({ ...request, input }, options)
  }

  /** Asks this provider, by OpenAI's moderation model where none is named. */
  async moderate(
    input: ModerationRequest['input'],
    parameters: CallParameters<ModerationRequest, 'input'> = {},
  ): Promise<ModerationAnswer> {
    const { request, options } = apart(parameters)
    const { model } = parameters
    try {
      const asked = { ...request, model: `${this.provider}/${model ?? usualModerator}`, input }
      return await this.sluice.moderate(asked, options)
    } catch (error) {
      if (model !== undefined || !(error instanceof SluiceError) || !lacksModel.has(error.code)) throw error
      const message = `No model is named, and ${this.provider} has no "${usualModerator}", which is meant then: name one of its own, as in \`moderate(input, { model })\`.`
      throw new SluiceError('invalid_request', message, { param: 'model', cause: error })
    }
  }

  countTokens(input: ChatInput, parameters: CallParameters<ChatInputRequest, 'messages'> = {}): Promise<TokenAnswer> {
    const { request, options } = apart(parameters)
    return this.sluice.countTokens(withFields(input, request), options)
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

  /** As `close`: `await using api = new OpenAICompatibleAPI()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** What is asked, with more of its fields. Throws nothing: what is no request is told by who is asked. */
function withFields(input: ChatInput, fields: Readonly<Record<string, unknown>>): ChatInput {
  if (typeof input === 'string') return { ...fields, messages: [{ role: 'user', content: input }] }
  if (typeof input !== 'object' || input === null) return input
  return isMessages(input) ? { ...fields, messages: input } : { ...input, ...fields }
}

/** Earlier systems have one object for both. */
function apart({
  signal,
  route,
  timeout,
  retries,
  runTools,
  ...request
}: ChatOptions & Readonly<Record<string, unknown>>): {
  readonly request: Readonly<Record<string, unknown>>
  readonly options: ChatOptions
} {
  return { request, options: { signal, route, timeout, retries, ...(runTools !== undefined && { runTools }) } }
}
