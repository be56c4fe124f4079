import {
  type ChatResult,
  openaiChatReader,
  SluiceError,
  type SpokenDialect,
  type Usage,
  writeChatRequest,
} from '@sluice/protocol'
import { composeCore } from '../compose-core.ts'
import type { ConfiguredProvider } from '../config/config.ts'
import { ownAddress, ownBody, ownQuirks } from '../dispatch/own-body.ts'
import { type FindPlan, planWithoutTranslation } from '../dispatch/plan.ts'
import { targetAt } from '../dispatch/target-at.ts'
import { alone } from '../routing/alone.ts'
import { readOverrides, withOwnLimits } from '../routing/route-overrides.ts'
import { type Route, straightTo } from '../routing/route-plan.ts'
import { unwatched } from '../routing/unwatched.ts'
import { createPlainFetchTransport } from '../transport/fetch.ts'
import type { Transport } from '../transport/transport.ts'
import { type AnswerCost, type CallEngine, originOf, type WholeAnswer } from './call-engine.ts'
import { type ChatClient, createChatClient } from './chat-client.ts'
import { asPlainRequest, type ChatInput, type ChatInputRequest } from './chat-input.ts'

/** What the smallest Sluice is put together from. */
export interface CoreOptions {
  /** The first serves names that name none of them: `gpt-6-luna`; the others are asked as `groq/llama-4`. */
  readonly providers: readonly [ConfiguredProvider, ...ConfiguredProvider[]]
  /** How to reach providers that do not speak OpenAI's dialects: `translateBetween(…)`. Default: they are refused. */
  readonly findPlan?: FindPlan | undefined
  /** What answers cost: `bundledPrices()`. Default: every cost is `null`. */
  readonly prices?: Prices | undefined
  /** Default: global `fetch`. */
  readonly transport?: Transport | undefined
}

/** Tells what answers cost. */
export interface Prices {
  /** `when` in milliseconds since 1970; `null` when it cannot be told. Never rejects. */
  costOf(provider: ConfiguredProvider, model: string, usage: Usage, when: number): Promise<AnswerCost | null>
}

/** The smallest Sluice: only what is handed to it is in the bundle. */
export interface CoreSluice extends ChatClient {
  /** For other operations: `embed(core.calls, 'text')`. */
  readonly calls: CallEngine
  /** Ends every call, but those of a transport that was given. */
  close(): Promise<void>
}

/** Names kept, so that callers who make names up cannot fill the memory. */
const mostNames = 1_000

/**
 * An engine of explicit parts: `createCore({ providers: [configure(openai, { apiKey })] })`. It retries as
 * `createSluice` does; routes, model lists, middleware and configuration by file or environment are only there.
 */
export function createCore(options: CoreOptions): CoreSluice {
  const { providers, findPlan = planWithoutTranslation, prices } = options
  const transport = options.transport ?? createPlainFetchTransport()
  const core = composeCore({
    transport,
    prepare: ownBody,
    address: ownAddress,
    journey: alone,
    retryShare: 0.2,
    retryReserve: 20,
  })
  const found = new Map<string, Route>()
  const find = (dialect: SpokenDialect, name: string | undefined): Route => {
    const key = `${dialect.id} ${name ?? ''}`
    let route = found.get(key)
    if (route === undefined) {
      const { provider, model } = resolve(providers, name)
      const plan = findPlan(dialect, provider, model)
      const quirks = ownQuirks(provider.preset.quirks, plan.dialect.id, model)
      route = straightTo(targetAt(provider, model, plan, quirks, unwatched(`${provider.id}/${model}`)), name)
      if (found.size >= mostNames) found.clear()
      found.set(key, route)
    }
    return route
  }
  const calls: CallEngine = {
    findRoute({ dialect, peek }, given) {
      const overrides = readOverrides(given)
      return withOwnLimits(find(dialect, overrides.route ?? peek.model), overrides)
    },
    attempt: (exchange, route) => core.attempt(exchange, route),
    originOf,
    async costOf({ startedAt }, { target }, usage) {
      const when = Date.now() - (performance.now() - startedAt)
      return (await prices?.costOf(target.provider, target.model, usage, when)) ?? null
    },
  }
  return {
    ...createChatClient(calls, {
      dialect: openaiChatReader,
      decode: readAlready,
      read: readInput,
      write: writeChatRequest,
    }),
    calls,
    async close() {
      if (options.transport === undefined) await transport.close()
    },
  }
}

/** By the tap. */
function readAlready({ result }: WholeAnswer): ChatResult {
  return result!
}

/** What turns schemas into JSON Schema comes with `defineTool`. */
function readInput(input: ChatInput): ChatInputRequest {
  const request = asPlainRequest(input)
  for (const tool of request.tools ?? []) {
    if ('type' in tool || 'toJSON' in tool) continue
    const message = "A tool is declared by `defineTool`, or written as OpenAI's API has it."
    throw new SluiceError('invalid_request', message, { param: 'tools' })
  }
  return request
}

interface Resolved {
  readonly provider: ConfiguredProvider
  readonly model: string
}

function resolve(providers: CoreOptions['providers'], name: string | undefined): Resolved {
  const [first] = providers
  if (name === undefined) return { provider: first, model: defaultModelOf(first) }
  const slash = name.indexOf('/')
  const named = slash > 0 ? providers.find(({ id }) => id === name.slice(0, slash)) : undefined
  return named === undefined ? { provider: first, model: name } : { provider: named, model: name.slice(slash + 1) }
}

function defaultModelOf({ defaultModel, name, preset }: ConfiguredProvider): string {
  const model = defaultModel ?? preset.models?.default ?? preset.models?.fallback[0]
  if (model !== undefined) return model
  const message = `No model is named, and ${name} has no default: name one, or give \`configure\` a \`defaultModel\`.`
  throw new SluiceError('invalid_request', message, { param: 'model' })
}
