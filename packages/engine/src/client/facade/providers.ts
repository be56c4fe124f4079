import { SluiceError } from '@sluice/protocol'
import { readPreference } from '../../config/environment.ts'
import type { Environment } from '../../config/interpolate.ts'
import type { ConfigInput } from '../../config/schema.ts'
import type { RouteExplanation } from '../../routing/explain-route.ts'
import type { CallOptions } from '../call-engine.ts'
import type { ChatAnswer } from '../chat-answer.ts'
import type { ChatInputMessage } from '../chat-input.ts'
import type { GatewayInput } from '../connect-gateway.ts'
import type { ContentRequest, GeneratedContent } from '../content/generate-content.ts'
import { connect, processEnvironment, type Sluice, sluiceOn, type SluiceOptions } from '../create-sluice.ts'
import { chatWithFallback, generateContent, type Opened, unserved } from './generate-content.ts'
import { OpenAICompatibleAPI, type OpenAICompatibleConfig } from './openai-compatible-api.ts'

/** Kinds of providers that earlier systems have; any provider's id will do. */
export const ProviderType: {
  readonly OpenAICompatible: 'openai_compatible'
  readonly OpenRouter: 'openrouter'
  readonly OpenAI: 'openai'
  readonly Anthropic: 'anthropic'
} = Object.freeze({
  OpenAICompatible: 'openai_compatible',
  OpenRouter: 'openrouter',
  OpenAI: 'openai',
  Anthropic: 'anthropic',
})
export type ProviderType = (typeof ProviderType)[keyof typeof ProviderType] | (string & {})

/** One provider that writes texts. */
export class OpenAICompatibleProvider extends OpenAICompatibleAPI {
  generateContent(request: Omit<ContentRequest, 'provider'>, options?: CallOptions): Promise<GeneratedContent> {
    return generateContent(this.sluice, request, options)
  }

  /** Whether the provider lists the model. Asks for the list first. */
  isModelSupported(model: string): Promise<boolean> {
    return isModelSupported(this.sluice, model)
  }

  getAvailableModels(): Promise<readonly string[]> {
    return getAvailableModels(this.sluice)
  }
}

/** https://openrouter.ai */
export class OpenRouterProvider extends OpenAICompatibleProvider {
  constructor(config: Omit<OpenAICompatibleConfig, 'provider'> = {}, options: SluiceOptions = {}) {
    super({ ...config, provider: ProviderType.OpenRouter }, options)
  }
}

/** A provider of a kind; its key is read from the environment where none is given. */
export function createProvider(
  type: ProviderType,
  config: Omit<OpenAICompatibleConfig, 'provider'> = {},
  options: SluiceOptions = {},
): OpenAICompatibleProvider {
  if (type === ProviderType.OpenRouter) return new OpenRouterProvider(config, options)
  const provider = type === ProviderType.OpenAICompatible ? {} : { provider: type }
  return new OpenAICompatibleProvider({ ...config, ...provider }, options)
}

/** What earlier systems have as functions, over the providers of one configuration. */
export interface Providers {
  /** Made when first asked for. */
  readonly sluice: Sluice
  generateContent(request: ContentRequest, options?: CallOptions): Promise<GeneratedContent>
  chatWithFallback(
    messages: readonly ChatInputMessage[],
    providers: readonly string[],
    parameters?: Parameters<typeof chatWithFallback>[3],
    options?: CallOptions,
  ): Promise<ChatAnswer>
  /**
   * Id of the configured provider that a model's name leads to, by what is known without asking anybody; `undefined` when
   * none serves it. As long as its list of models is not known, the default provider gets names that nobody claims.
   */
  getProviderForModel(model: string): Promise<string | undefined>
  /** Whether a provider lists the model, or config names it. Asks for the lists of models first. */
  isModelSupported(model: string): Promise<boolean>
  getAvailableModels(): Promise<readonly string[]>
  close(): Promise<void>
}

/**
 * Nothing is read or made before the first call. Where neither config nor environment prefers a provider, OpenRouter is,
 * then OpenAI, then Anthropic, then the first found; where there is none, calls fail with `no_provider_configured`.
 */
export function createProviders(config: ConfigInput | GatewayInput = {}, options: SluiceOptions = {}): Providers {
  let opened: Opened | undefined
  const open = (): Opened => {
    if (opened !== undefined) return opened
    const connection = connect(config, { ...options, environment: preferring(options.environment) })
    return (opened = { connection, sluice: sluiceOn(connection) })
  }
  return {
    get sluice() {
      return open().sluice
    },
    generateContent: async (request, given) => generateContent(open().sluice, request, given),
    chatWithFallback: async (messages, providers, parameters, given) =>
      chatWithFallback(open(), messages, providers, parameters, given),
    getProviderForModel: async (model) => getProviderForModel(open().sluice, model),
    isModelSupported: async (model) => isModelSupported(open().sluice, model),
    getAvailableModels: async () => getAvailableModels(open().sluice),
    close: async () => opened?.sluice.close(),
  }
}

function preferring(environment: Environment = processEnvironment()): Environment {
  return readPreference(environment) === undefined ? { ...environment, AI_PROVIDER: 'auto' } : environment
}

async function getProviderForModel(sluice: Sluice, model: string): Promise<string | undefined> {
  return (await targetOf(sluice, model))?.provider
}

async function targetOf(sluice: Sluice, model: string): Promise<RouteExplanation['target']> {
  try {
    return (await sluice.explain(model)).target
  } catch (error) {
    if (error instanceof SluiceError && unserved.has(error.code)) return undefined
    throw error
  }
}

async function isModelSupported(sluice: Sluice, model: string): Promise<boolean> {
  await sluice.listModels()
  return (await targetOf(sluice, model))?.known === true
}

async function getAvailableModels(sluice: Sluice): Promise<readonly string[]> {
  return (await sluice.listModels()).map(({ id }) => id)
}
