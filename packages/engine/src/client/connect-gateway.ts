import { answerLimit, SluiceError, type SpokenDialect, type Warning } from '@sluice/protocol'
import { composeEngine, type Engine, type EngineOptions } from '../compose.ts'
import { checkBaseUrl } from '../config/base-url.ts'
import { readConfig } from '../config/build-config.ts'
import { configError } from '../config/config-problem.ts'
import type { ConfiguredProvider } from '../config/config.ts'
import { unknownKey } from '../config/describe-issues.ts'
import { findTargets } from '../dispatch/find-target.ts'
import { planWithoutTranslation } from '../dispatch/plan.ts'
import { sanitizeModelName } from '../models/sanitize-model-name.ts'
import { costOf } from '../money/cost-of.ts'
import type { ProviderHealth } from '../provider-kit/check-health.ts'
import { destinationFor } from '../provider-kit/destination.ts'
import { defineProvider } from '../provider-kit/provider.ts'
import type { RouteExplanation } from '../routing/explain-route.ts'
import { overrideHeaders, readOverrides } from '../routing/route-overrides.ts'
import { plainPolicy, type Route } from '../routing/route-plan.ts'
import { collect } from '../transport/collect.ts'
import type { Transport, UpstreamHeaders } from '../transport/transport.ts'
import type { AvailableModel } from './available-model.ts'
import { type CallEngine, encodeJson, parseJson } from './call-engine.ts'
import type { Connection, ProviderStatus } from './connection.ts'
import {
  readExplanation,
  readHealth,
  readList,
  readModels,
  readPromptDescription,
  readProvider,
  readRendered,
} from './gateway-answers.ts'
import { gatewayErrors, ofGateway, toGateway, tryParse } from './gateway-errors.ts'
import { providerNotFound } from './provider-not-found.ts'

/** A Sluice gateway in place of a configuration: it has its own. */
export interface GatewayInput {
  /** `https://sluice.example.com`, with or without `/v1`. */
  readonly gateway: string
  /** A caller's key of the gateway. Default: none. */
  readonly apiKey?: string | undefined
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Seconds to the answer's head, and between two chunks of it; 0 means no limit. Default 600: the gateway has its own. */
  readonly timeout?: number | undefined
  /** How often a call is made again. Default 0: the gateway repeats what may be repeated. */
  readonly maxRetries?: number | undefined
}

const preset = defineProvider({
  id: 'gateway',
  name: 'The gateway',
  baseUrl: undefined,
  choosesRoute: true,
  speaks: [
    'openai-chat',
    'openai-completions',
    'openai-embeddings',
    'openai-moderations',
    'jina-rerank',
    'openai-images',
    'openai-image-edits',
    'openai-speech',
    'openai-transcriptions',
    'openai-translations',
    'openai-input-tokens',
  ],
})

/** Settings of a provider, as `GatewayInput` calls them. */
const writtenAs: Readonly<Record<string, string>> = {
  base_url: 'gateway',
  api_key: 'apiKey',
  headers: 'headers',
  timeout: 'timeout',
  max_retries: 'maxRetries',
}

/**
 * A gateway as a client has it: one provider of the same engine, which is sent every request as it is, names of
 * models included.
 *
 * @throws SluiceError `invalid_config`
 */
export function connectGateway(
  { gateway, apiKey, headers = {}, timeout = 600, maxRetries = 0, ...others }: GatewayInput,
  given: Transport,
  close: () => Promise<void>,
  options: EngineOptions = {},
): Connection {
  const address = typeof gateway === 'string' ? checkBaseUrl(gateway) : { problem: 'expected a URL' }
  const unknown = Object.entries(others).flatMap(([key, value]) =>
    value === undefined ? [] : { path: [key], message: unknownKey(key, Object.values(writtenAs)) },
  )
  if ('problem' in address) throw configError([{ path: ['gateway'], message: address.problem }, ...unknown])
  const key = apiKey === undefined ? { auth: 'none' as const } : { api_key: apiKey }
  const settings = { ...key, base_url: withVersion(address.url), headers, timeout, max_retries: maxRetries }
  const { config, problems } = readConfig({
    presets: [preset],
    input: { providers: { gateway: settings }, environment_providers: false },
  })
  const wrong = problems.map(({ path: [, , name = '', ...inside], message }) => ({
    path: [writtenAs[name] ?? name, ...inside],
    message,
  }))
  if (config === undefined || unknown.length > 0) throw configError([...unknown, ...wrong])
  const transport = toGateway(given)
  const engine = composeEngine(config, [], transport, options)
  const provider = engine.registry.providers[0]!

  /** @throws SluiceError as the gateway says it. */
  async function ask(method: 'GET' | 'POST', path: string, request?: object): Promise<unknown> {
    const destination = destinationFor(provider, path, method)
    const body = request === undefined ? [] : [encodeJson(request)]
    const timeouts = { connect: 10_000, firstByte: timeout * 1000, idle: timeout * 1000 }
    const answer = await collect(transport, { destination, method, body, timeouts }, answerLimit)
    if (answer.status < 400) return readJson(answer.body)
    throw gatewayErrors.decode({
      status: answer.status,
      header: (name) => headerOf(answer.headers, name),
      body: tryParse(answer.body),
    })
  }

  const listProviders = async (): Promise<readonly ProviderStatus[]> =>
    readList(await ask('GET', 'providers'), readProvider)
  const listModels = async (): Promise<readonly AvailableModel[]> => readModels(await ask('GET', 'models'))
  const explain = async (request: object): Promise<RouteExplanation> =>
    readExplanation(await ask('POST', 'api/llm/explain', request))
  const providerNames = new Set<string>()

  /** Costs the gateway's providers nothing, as their list would. */
  async function isProvider(name: string): Promise<boolean> {
    try {
      return (await explain({ model: name })).resolution.at(-1)?.rule === 'provider'
    } catch (error) {
      if (error instanceof SluiceError && unexplained.has(error.code)) return false
      throw error
    }
  }

  async function requireProvider(name: string): Promise<void> {
    if (providerNames.has(name)) return
    if (!(await isProvider(name))) {
      const ids = (await listProviders()).map(({ id }) => id)
      if (!ids.includes(name)) throw providerNotFound(name, ids)
    }
    providerNames.add(name)
  }

  return {
    calls: callsOf(engine, provider),
    close,
    requireProvider,
    listModels,
    providers: listProviders,
    prompts: {
      list: async () => readList(await ask('GET', 'api/llm/prompts'), readPromptDescription),
      render: async (prompt, variables = {}) =>
        readRendered(await ask('POST', 'api/llm/prompts/render', { prompt, variables })),
    },
    health: async () => readHealth(await ask('GET', 'api/llm/health')),
    explain,
    async checkHealth(id) {
      if (id === undefined) return checkGateway(listModels)
      const listed = await listProviders()
      const found = listed.find((one) => one.id === id)
      if (found !== undefined) return found.health
      throw providerNotFound(
        id,
        listed.map((one) => one.id),
      )
    },
  }
}

/** @throws SluiceError where what answers is no gateway, or none that works. */
async function checkGateway(ask: () => Promise<unknown>): Promise<ProviderHealth> {
  try {
    await ask()
    return { state: 'healthy' }
  } catch (error) {
    const status = error instanceof SluiceError ? (error.upstream?.status ?? error.status) : 0
    if (status === 401 || status === 403) return { state: 'unauthorized', reason: 'The gateway refused the key.' }
    throw error
  }
}

/** Of names that mean nothing, or a provider of which no model is known. */
const unexplained: ReadonlySet<string> = new Set(['model_not_found', 'invalid_model_name', 'invalid_request'])

/** The usual base URL ends with it. */
function withVersion(url: string): string {
  const bare = url.replace(/\/+$/, '')
  return bare.endsWith('/v1') ? bare : `${bare}/v1`
}

/** An error is to tell of each attempt. */
const wanted = ['x-sluice-attempts', 'true'] as const

/** What a header can say. */
const headerText = /^[ -~\xa0-\xff]*$/

function callsOf(engine: Engine, provider: ConfiguredProvider): CallEngine {
  const routes = new Map<string, Route>()
  let listed: Promise<unknown> | undefined
  const listPrices = (): Promise<unknown> => (listed ??= engine.catalog.refresh(provider.id))
  return {
    findRoute(exchange, options) {
      const { dialect } = exchange
      // What is wrong is told by the caller's own names, and not by those of headers.
      const { route: named = '' } = readOverrides(options)
      if (!headerText.test(named)) sanitizeModelName(named)
      for (const name of ['route', 'timeout', 'retries'] as const) {
        const value = options[name]
        if (value !== undefined)
          exchange.forwardedHeaders = [...(exchange.forwardedHeaders ?? []), overrideHeaders[name], String(value)]
      }
      let route = routes.get(dialect.id)
      if (route === undefined) routes.set(dialect.id, (route = routeFor(dialect, provider, engine)))
      return route
    },
    attempt(exchange, route) {
      exchange.forwardedHeaders = [...(exchange.forwardedHeaders ?? []), 'x-request-id', exchange.id, ...wanted]
      const answer = engine.attempt(exchange, route).catch((error: unknown) => {
        throw isNoAnswer(error) ? ofGateway(error) : error
      })
      // The gateway may ask its providers for it: meanwhile the first request is on its way.
      void listPrices()
      return answer
    },
    originOf: ({ id }, { headers }) => ({
      provider: headerOf(headers, 'x-sluice-provider') ?? provider.id,
      requestId: headerOf(headers, 'x-request-id') ?? id,
      attempts: Number(headerOf(headers, 'x-sluice-attempts') ?? 1),
      warnings: readWarnings(headerOf(headers, 'x-sluice-warnings')),
      ...(headerOf(headers, 'x-sluice-estimate') === 'true' && { estimated: true as const }),
    }),
    /** At the prices that the gateway lists. */
    async costOf({ startedAt }, { headers }, usage) {
      await listPrices()
      const name = `${headerOf(headers, 'x-sluice-provider')}/${headerOf(headers, 'x-sluice-model')}`
      const when = Date.now() - (performance.now() - startedAt)
      const cost = costOf(usage, engine.registry.priceOf(provider, name), { when })
      return cost.state === 'unpriced' ? null : cost
    },
  }
}

function routeFor(dialect: SpokenDialect, provider: ConfiguredProvider, { states }: Engine): Route {
  const untouched: SpokenDialect = {
    ...dialect,
    error: gatewayErrors,
    patch: (body) => [body],
    rewrite: (body) => body,
  }
  const resolver = { resolve: () => ({ provider, model: '', entry: undefined, steps: [] }) }
  const [only] = findTargets(resolver, untouched, planWithoutTranslation, states, undefined)
  return { name: provider.id, only, candidates: [], strategy: { pick: ([first]) => first! }, policy: plainPolicy }
}

/** Of what answered and is no gateway; what a gateway says comes with the request's id. */
function isNoAnswer(error: unknown): error is SluiceError {
  if (!(error instanceof SluiceError) || error.code !== 'upstream_invalid_response') return false
  return error.upstream?.requestId === undefined
}

function readJson(body: Uint8Array): unknown {
  try {
    return parseJson(body)
  } catch (error) {
    throw error instanceof SluiceError ? ofGateway(error) : error
  }
}

function headerOf(headers: UpstreamHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.[0]
}

/** `field-dropped logit_bias, value-changed stop`. */
function readWarnings(text: string | undefined): readonly Warning[] {
  if (text === undefined) return []
  return text.split(', ').map((entry) => {
    const [code = '', path = ''] = entry.split(' ')
    return { code: code as Warning['code'], path, message: `${path}: ${code}, says the gateway.` }
  })
}
