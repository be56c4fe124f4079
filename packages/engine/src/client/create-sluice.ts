import { openaiChat } from '@sluice/protocol'
import { composeEngine } from '../compose.ts'
import { buildConfig } from '../config/build-config.ts'
import type { Environment } from '../config/interpolate.ts'
import type { ConfigInput } from '../config/schema.ts'
import { providers as presets } from '../providers.generated.ts'
import { createFetchTransport } from '../transport/fetch.ts'
import type { StrategyKind } from '../strategies/strategy.ts'
import type { Transport } from '../transport/transport.ts'
import { type AvailableModel, toAvailableModel } from './available-model.ts'
import type { ChatAnswer } from './chat-answer.ts'
import { callChat, type ChatEngine, streamChat } from './chat-engine.ts'
import type { ChatInput } from './chat-input.ts'
import { type ChatStream, createChatStream } from './chat-stream.ts'

/** Every provider behind one object. */
export interface Sluice {
  /**
   * Asks and waits for the whole answer: `await sluice.chat('Hello')`. Failures that may pass are repeated as
   * the provider's `max_retries` says.
   * @throws SluiceError
   */
  chat(input: ChatInput, options?: CallOptions): Promise<ChatAnswer>
  /** Asks and answers piece by piece: `for await (const text of sluice.stream('Hello').textStream)`. */
  stream(input: ChatInput, options?: CallOptions): ChatStream
  /** What the configured providers serve, asked now. A provider that cannot be asked gives its built-in list. */
  listModels(): Promise<readonly AvailableModel[]>
  /** Ends every call and closes every connection, but those of a transport that was given. */
  close(): Promise<void>
}

export interface CallOptions {
  /** Gives the call up: it fails with `client_closed_request`, and the provider's connection is closed. */
  readonly signal?: AbortSignal | undefined
}

export interface SluiceOptions {
  /** Variables that keys and settings are read from. Default: the process's own, where there is one. */
  readonly environment?: Environment
  /** Of your own, which routes may name beside the built-in ones. */
  readonly strategies?: readonly StrategyKind[]
  /** Default: global `fetch`. */
  readonly transport?: Transport
}

/**
 * The library's front door. `config` is what the gateway reads from `sluice.yaml`, as an object; without it the
 * environment says which providers there are (`OPENAI_API_KEY`, `GROQ_API_KEY`, …).
 *
 * @throws SluiceError `invalid_config` naming every mistake.
 */
export function createSluice(config: ConfigInput = {}, options: SluiceOptions = {}): Sluice {
  const environment = options.environment ?? processEnvironment()
  const transport = options.transport ?? createFetchTransport()
  const strategies = new Map(options.strategies?.map((kind) => [kind.name, kind]))
  const built = buildConfig({ presets, input: config, environment, strategies })
  const engine = composeEngine(built, presets, transport)
  const chat: ChatEngine = { dialect: openaiChat, findRoute: engine.routeFinder(openaiChat), attempt: engine.attempt }

  return {
    chat: (input, { signal } = {}) => callChat(chat, input, newRequestId(), signal),
    stream: (input, { signal } = {}) => createChatStream(streamChat(chat, input, newRequestId(), signal)),
    async listModels() {
      await engine.catalog.refreshAll()
      return engine.registry.snapshot().models.map(toAvailableModel)
    },
    async close() {
      if (options.transport === undefined) await transport.close()
    },
  }
}

/** Node, Deno, Bun and the edge runtimes that follow them have it; browsers do not. */
function processEnvironment(): Environment {
  const { process } = globalThis as { readonly process?: { readonly env?: Environment } }
  return process?.env ?? {}
}

function newRequestId(): string {
  return `req_${crypto.randomUUID().replaceAll('-', '')}`
}
