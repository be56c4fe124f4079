/// <reference lib="esnext.disposable" preserve="true" />
import { commonDialects, openaiChat, SluiceError, type TranslatableDialect } from '@sluice/protocol'
import { composeEngine } from '../compose.ts'
import { buildConfig } from '../config/build-config.ts'
import { withConditions } from '../config/build-routes.ts'
import { type ConfigPath, type ConfigProblem, configError } from '../config/config-problem.ts'
import type { Environment } from '../config/interpolate.ts'
import type { Config } from '../config/config.ts'
import type { ConfigInput } from '../config/schema.ts'
import { wantedDialects } from '../dispatch/wanted-dialects.ts'
import { providers as presets } from '../providers.generated.ts'
import type { Middleware } from '../middleware/middleware.ts'
import { createPromptBook } from '../prompts/prompt-book.ts'
import { promptId } from '../prompts/prompt-template.ts'
import type { RouteExplanation } from '../routing/explain-route.ts'
import type { Condition } from '../routing/route-condition.ts'
import { loadConditions } from '../routing/load-conditions.ts'
import type { StrategyKind } from '../strategies/strategy.ts'
import { createFetchTransport } from '../transport/fetch.ts'
import type { Transport } from '../transport/transport.ts'
import type { AvailableModel } from './available-model.ts'
import { type BatchOptions, type BatchOutcome, runBatch } from './batch.ts'
import { type CallEngine, type CallOptions, encodeJson } from './call-engine.ts'
import type { ChatAnswer } from './chat-answer.ts'
import { type ChatWriting, createChatClient, openChat } from './chat-client.ts'
import { relayedChat } from './relayed-chat.ts'
import {
  asFields,
  asRequest,
  type ChatInput,
  type ChatInputRequest,
  type PromptInput,
  writtenOut,
} from './chat-input.ts'
import { chatObject, type ChatObjectOptions, type ObjectAnswer } from './chat-object.ts'
import { type ChatStream, createChatStream } from './chat-stream.ts'
import type { JsonSchema, OutputOf, Schema } from './schema/standard-schema.ts'
import { runTools } from './run-tools.ts'
import { streamTools } from './stream-tools.ts'
import type { RunToolsOptions } from './tool-run.ts'
import { connectEngine } from './connect-engine.ts'
import { type Content, createContent } from './content/content.ts'
import { connectGateway, type GatewayInput } from './connect-gateway.ts'
import type { Connection, ProviderStatus } from './connection.ts'
import type { HealthReport } from './health-report.ts'
import { refuseFields } from './misplaced-options.ts'
import { openLater } from './open-later.ts'
import type { Prompts } from './prompts.ts'
import { complete, type CompletionInput } from './operations/complete.ts'
import { countInput, type TokenAnswer } from './operations/count-tokens.ts'
import { embed, type EmbedAnswer, type EmbedInput } from './operations/embed.ts'
import {
  editImages,
  generateImages,
  type ImageAnswer,
  type ImageEditInput,
  type ImageInput,
} from './operations/images.ts'
import { moderate, type ModerationAnswer, type ModerationInput } from './operations/moderate.ts'
import { rerank, type RerankAnswer, type RerankInput } from './operations/rerank.ts'
import { speech, type SpeechAnswer, type SpeechInput } from './operations/speech.ts'
import { whenLoaded } from './when-loaded.ts'
import { transcribe, type TranscribeAnswer, type TranscribeInput } from './operations/transcribe.ts'

/** Every provider behind one object. What is asked fails with a `SluiceError`. */
export interface Sluice {
  /**
   * Asks and waits for the whole answer: `await sluice.chat('Hello')`. Failures that may pass are repeated as
   * the provider's `max_retries` says.
   */
  chat(input: ChatInput, options?: ChatOptions): Promise<ChatAnswer>
  /**
   * Asks for an answer in the form of a schema (zod, valibot, arktype, or plain JSON Schema): `answer.object` has
   * its type. An answer that does not fit is repaired by the model, once, before it is an `InvalidOutputError`.
   */
  chatObject<S extends Schema>(
    schema: S,
    input: ChatInput,
    options?: ChatObjectOptions,
  ): Promise<ObjectAnswer<OutputOf<S>>>
  /** By plain JSON Schema, of which no type can be read: `chatObject<City>(schema, input)` takes yours for it. */
  chatObject<Output>(schema: JsonSchema, input: ChatInput, options?: ChatObjectOptions): Promise<ObjectAnswer<Output>>
  /** Asks and answers piece by piece: `for await (const text of sluice.stream('Hello').textStream)`. */
  stream(input: ChatInput, options?: ChatOptions): ChatStream
  /** The text that goes on after a prompt; where a provider only chats, by a chat of one message. */
  complete(input: CompletionInput, options?: CallOptions): Promise<ChatAnswer>
  /** One vector for each text. */
  embed(input: EmbedInput, options?: CallOptions): Promise<EmbedAnswer>
  /** The same as `embed`. */
  createEmbedding(input: EmbedInput, options?: CallOptions): Promise<EmbedAnswer>
  /** What is harmful in texts or pictures, by category; `flagged` where anything is. */
  moderate(input: ModerationInput, options?: CallOptions): Promise<ModerationAnswer>
  /** Documents by how much they have to do with a query. */
  rerank(input: RerankInput, options?: CallOptions): Promise<RerankAnswer>
  /** Pictures by what is to be seen, and others changed by what is to be different. Not as streams. */
  readonly images: {
    generate(input: ImageInput, options?: CallOptions): Promise<ImageAnswer>
    edit(input: ImageEditInput, options?: CallOptions): Promise<ImageAnswer>
  }
  /** A text as audio, once it is whole. */
  speech(input: SpeechInput, options?: CallOptions): Promise<SpeechAnswer>
  /** Speech as text, or as subtitles. */
  transcribe(input: TranscribeInput, options?: CallOptions): Promise<TranscribeAnswer>
  /** What a chat comes to as input: as the provider counts, where it does, else an estimate. */
  countTokens(input: ChatInput, options?: CallOptions): Promise<TokenAnswer>
  /**
   * Many chats, so many at once: an outcome for each, in their order; the failure of one is none of the others.
   * Rests when a provider asks for it, and goes on from an earlier run's outcomes.
   */
  batch(items: readonly ChatInput[], options?: ChatBatchOptions): Promise<readonly BatchOutcome<ChatAnswer>[]>
  /** The same for any other work: `batch(texts, { ask: (text, options) => sluice.embed(text, options) })`. */
  batch<Item, Result>(
    items: readonly Item[],
    options: BatchOptions<Item, Result>,
  ): Promise<readonly BatchOutcome<Result>[]>
  /** Texts, typed blocks of pages, and what search engines show of them. */
  readonly content: Content
  /** Prompt templates: `chat({ prompt: 'greeting', variables: { name: 'Ada' } })` asks by one. */
  readonly prompts: Prompts
  /** What the configured providers serve, asked now. A provider that cannot be asked gives its built-in list. */
  listModels(): Promise<readonly AvailableModel[]>
  /** The configured providers, each asked for something that costs nothing. */
  providers(): Promise<readonly ProviderStatus[]>
  /** How providers and models do, by the calls made so far; makes none. */
  health(): Promise<HealthReport>
  /** Where a request would go and why, by its model's name alone or whole; calls no provider. */
  explain(request?: string | Partial<ChatInputRequest> | PromptInput): Promise<RouteExplanation>
  /**
   * Whether a provider takes its key; default: the default provider's, or the gateway's own.
   * @throws SluiceError when that cannot be found out.
   */
  validateCredentials(provider?: string): Promise<boolean>
  /** Ends every call and closes every connection, but those of a transport that was given. */
  close(): Promise<void>
  /** As `close`: `await using sluice = createSluice()`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** What a chat may be told besides its request. */
export interface ChatOptions extends CallOptions {
  /** Call the request's tools and go on, until the model has its answer. */
  readonly runTools?: RunToolsOptions | undefined
}

/** How many chats are made at once, what is heard of them, and what an earlier run did. */
export type ChatBatchOptions = Omit<BatchOptions<ChatInput, ChatAnswer>, 'ask'>

/** What the library is given besides its configuration. */
export interface SluiceOptions {
  /** Variables that keys and settings are read from. Default: the process's own, where there is one. */
  readonly environment?: Environment | undefined
  /** Of your own, which routes may name beside the built-in ones. */
  readonly strategies?: readonly StrategyKind[] | undefined
  /** Around each attempt at each target, retries and fallbacks too; the first is the outermost. */
  readonly middleware?: readonly Middleware[] | undefined
  /** Default: global `fetch`. */
  readonly transport?: Transport | undefined
}

/**
 * The library's front door. `config` is what the gateway reads from `sluice.yaml`, as an object; without it the
 * environment says which providers there are (`OPENAI_API_KEY`, `GROQ_API_KEY`, …). With `{ gateway, apiKey }` all is
 * asked of a Sluice gateway instead, and nothing else changes.
 *
 * @throws SluiceError `invalid_config` naming every mistake. Those in conditions of routes and in the texts of prompts come
 * of the first call of any method: what reads them is loaded for it.
 */
export function createSluice(config: ConfigInput | GatewayInput = {}, options: SluiceOptions = {}): Sluice {
  return sluiceOn(connect(config, options))
}

/** What is asked of a connection. */
export function sluiceOn(connection: Connection): Sluice {
  const calls: CallEngine = {
    ...connection.calls,
    findRoute(exchange, options) {
      refuseFields(options)
      return connection.calls.findRoute(exchange, options)
    },
  }
  const writing: ChatWriting = {
    ...relayedChat(openaiChat),
    read: writtenOut,
    write: (fields) => ({ body: encodeJson(fields) }),
  }
  const { chat, stream } = createChatClient(calls, writing)
  return {
    async chat(input, options) {
      const { runTools: run, ...given } = options ?? {}
      return run === undefined ? chat(input, given) : runTools(chat, asRequest(input), run, given)
    },
    chatObject: (schema: Schema, input: ChatInput, given: ChatObjectOptions = {}) =>
      chatObject(chat, schema, input, given),
    stream(input, options) {
      const { runTools: run, ...given } = options ?? {}
      if (run === undefined) return stream(input, given)
      return createChatStream(streamTools((next) => openChat(calls, writing, next, given), input, run))
    },
    complete: (input, given = {}) => complete(calls, input, given),
    embed: (input, given = {}) => embed(calls, input, given),
    createEmbedding: (input, given = {}) => embed(calls, input, given),
    moderate: (input, given = {}) => moderate(calls, input, given),
    rerank: (input, given = {}) => rerank(calls, input, given),
    images: {
      generate: (input, given = {}) => generateImages(calls, input, given),
      edit: (input, given = {}) => editImages(calls, input, given),
    },
    speech: (input, given = {}) => speech(calls, input, given),
    transcribe: (input, given = {}) => transcribe(calls, input, given),
    countTokens: (input, given = {}) => countInput(calls, input, given),
    batch: <Item, Result>(items: readonly Item[], given?: Partial<BatchOptions<Item, Result>>) =>
      runBatch(items, { ask: chat as unknown as BatchOptions<Item, Result>['ask'], ...given }),
    listModels: () => connection.listModels(),
    providers: () => connection.providers(),
    health: () => connection.health(),
    async explain(request = {}) {
      return await connection.explain(typeof request === 'string' ? { model: request } : asFields(request))
    },
    async validateCredentials(provider) {
      const { state, reason = '' } = await connection.checkHealth(provider)
      if (state === 'unreachable' || state === 'unknown') throw new SluiceError('upstream_unreachable', reason)
      return state !== 'unauthorized'
    },
    prompts: connection.prompts,
    content: createContent(chat, (name) => connection.requireProvider(name)),
    close: () => connection.close(),
    [Symbol.asyncDispose]: () => connection.close(),
  }
}

/** The engine of a configuration, or a gateway. */
export function connect(config: ConfigInput | GatewayInput, options: SluiceOptions): Connection {
  const transport = options.transport ?? createFetchTransport()
  const close = async (): Promise<void> => {
    if (options.transport === undefined) await transport.close()
  }
  const { middleware } = options
  if (middleware !== undefined && !Array.isArray(middleware))
    throw configError([{ path: ['middleware'], message: 'expected a list of functions' }])
  // Without types anything may come; what is no configuration is told as such.
  if (typeof config === 'object' && config !== null && 'gateway' in config)
    return connectGateway(config, transport, close, { middleware })
  const environment = options.environment ?? processEnvironment()
  const strategies = new Map(options.strategies?.map((kind) => [kind.name, kind]))
  const open = (built: Config, further: readonly TranslatableDialect[] = []): Connection => {
    const dialects = [...commonDialects, ...further]
    return connectEngine(composeEngine(built, presets, transport, { middleware, dialects }), close)
  }
  let conditional = false
  const unread = (text: string): Condition => {
    conditional = true
    return { text, holds: () => false }
  }
  const built = buildConfig({ presets, input: config, environment, strategies, condition: unread })
  const wanted = wantedDialects(built.providers)
  if (!conditional && built.prompts.length === 0 && wanted.length === 0) return open(built)
  // What reads them is not there at once, nor what some providers speak; all else was read when the client was made.
  return openLater(async () => {
    const [read, unreadable, further] = await Promise.all([
      conditional ? whenLoaded(loadConditions()) : undefined,
      createPromptBook(built.prompts).check(),
      whenLoaded(Promise.all(wanted.map(({ load }) => load()))),
    ])
    const problems: ConfigProblem[] = []
    const report = (path: ConfigPath, message: string): void => void problems.push({ path, message })
    const routes = read === undefined ? built.routes : withConditions(built.routes, read, report)
    for (const { template, message } of unreadable) report(['prompts', promptId(template)], message)
    if (problems.length > 0) throw configError(problems)
    return open({ ...built, routes }, further)
  }, close)
}

/** Node, Deno, Bun and the edge runtimes that follow them have it; browsers do not. */
export function processEnvironment(): Environment {
  const { process } = globalThis as { readonly process?: { readonly env?: Environment } }
  return process?.env ?? {}
}
