import { SluiceError } from '@sluice/protocol'
import type { ProviderHealth } from '../provider-kit/check-health.ts'
import type { RouteExplanation } from '../routing/explain-route.ts'
import type { AvailableModel } from './available-model.ts'
import type { ChatInputRequest } from './chat-input.ts'
import type { ProviderStatus } from './connection.ts'
import type { HealthReport } from './health-report.ts'
import type { PromptDescription } from './prompts.ts'

/** The address is a gateway's by its configuration only. */
function notAGateway(): SluiceError {
  const message = 'What answers there is no Sluice gateway, or one of another version: check the address.'
  return new SluiceError('upstream_invalid_response', message, { retryable: false })
}

/** @throws SluiceError where it lacks one of these texts. */
function entryOf<T>(written: unknown, ...texts: readonly (keyof T & string)[]): T {
  const entry = (typeof written === 'object' && written !== null ? written : {}) as Partial<Record<string, unknown>>
  if (texts.some((name) => typeof entry[name] !== 'string')) throw notAGateway()
  return entry as T
}

// `Array.isArray` does not narrow read-only arrays.
function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

/** @throws SluiceError */
export function readList<T>(written: unknown, read: (entry: unknown) => T): readonly T[] {
  const { data } = entryOf<{ readonly data?: unknown }>(written)
  if (!isArray(data)) throw notAGateway()
  return data.map(read)
}

/** As `GET /api/llm/prompts` has it. */
export function readPromptDescription(written: unknown): PromptDescription {
  return entryOf<PromptDescription>(written, 'name')
}

/** As `POST /api/llm/prompts/render` has it. */
export function readRendered(written: unknown): ChatInputRequest {
  const request = entryOf<ChatInputRequest>(written)
  if (!isArray(request.messages)) throw notAGateway()
  return request
}

/** As `POST /api/llm/explain` has it. */
export function readExplanation(written: unknown): RouteExplanation {
  const explanation = entryOf<RouteExplanation>(written, 'object')
  if (!isArray(explanation.resolution) || !isArray(explanation.decisions)) throw notAGateway()
  return explanation
}

interface ListedModel {
  readonly id: string
  readonly name: string
  readonly provider: string
  readonly aliases: readonly string[]
  readonly context_window?: number
  readonly max_output?: number
  readonly capabilities: readonly string[]
  readonly source: AvailableModel['source']
  /** Of routes and prompts, which a gateway lists beside models. */
  readonly kind?: string
}

/** The models of providers in what `GET /v1/models` has. */
export function readModels(written: unknown): readonly AvailableModel[] {
  const listed = readList(written, (entry) => entryOf<ListedModel>(entry, 'id', 'provider'))
  return listed.filter(({ kind }) => kind === undefined).map(readModel)
}

function readModel(listed: ListedModel): AvailableModel {
  const { id, name, provider, aliases, context_window: contextWindow, max_output: maxOutput } = listed
  return {
    id,
    name,
    provider,
    aliases,
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutput !== undefined && { maxOutput }),
    capabilities: listed.capabilities,
    source: listed.source,
  }
}

interface ListedProvider {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly base_url: string
  readonly key: ProviderStatus['key']
  readonly default: boolean
  readonly models: number
  readonly health: ProviderHealth
}

/** As `GET /v1/providers` has it. */
export function readProvider(written: unknown): ProviderStatus {
  const listed = entryOf<ListedProvider>(written, 'id', 'kind')
  const { id, name, kind, base_url: baseUrl, key, default: isDefault, models, health } = listed
  return { id, name, kind, baseUrl, key, isDefault, models, health }
}

type Provider = HealthReport['providers'][number]
type Target = Provider['targets'][number]

interface WrittenHealth extends Omit<HealthReport, 'providers'> {
  readonly providers: readonly (Omit<Provider, 'successRate' | 'targets'> & {
    readonly success_rate: number | null
    readonly targets: readonly (Omit<Target, 'timeToFirstToken'> & { readonly time_to_first_token_ms: number | null })[]
  })[]
}

/** As `GET /api/llm/health` has it. */
export function readHealth(written: unknown): HealthReport {
  const { status, providers } = entryOf<WrittenHealth>(written, 'status')
  if (!isArray(providers) || !providers.every(({ targets }) => isArray(targets))) throw notAGateway()
  return {
    status,
    providers: providers.map(({ success_rate: successRate, targets, ...provider }) => ({
      ...provider,
      successRate,
      targets: targets.map(({ time_to_first_token_ms: timeToFirstToken, ...target }) => ({
        ...target,
        timeToFirstToken,
      })),
    })),
  }
}
