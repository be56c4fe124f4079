import type { ModelPrice } from '../money/model-price.ts'
import type { Provider } from '../provider-kit/provider.ts'
import { readCapabilities } from './read-capabilities.ts'
import { readListedPrice } from './read-listed-price.ts'
import { modelNameProblem } from './sanitize-model-name.ts'

/** A model as its provider tells of it. */
export interface ListedModel {
  /** As callers write it: without what the provider puts before every name. */
  readonly id: string
  /** As the provider wants to be sent it. */
  readonly upstreamId: string
  /** For people to read. */
  readonly name?: string
  readonly ownedBy?: string
  /** Other names that the provider takes for it. */
  readonly aliases: readonly string[]
  /** Tokens. */
  readonly contextWindow?: number
  /** Tokens. */
  readonly maxOutput?: number
  readonly capabilities: readonly string[]
  readonly price?: ModelPrice
}

/** A provider's list of models, as far as it was read. */
export interface ModelList {
  readonly models: readonly ListedModel[]
  /** `false` when the provider has more than it sent, or than is read. */
  readonly complete: boolean
}

export type ModelNaming = Pick<Provider, 'modelPrefix' | 'modelNamespace'>

const mostModels = 5000

/**
 * Reads a list of models in any shape that providers send: `{data:[…]}`, `{models:[…]}`, `{result:[…]}`,
 * `{modelSummaries:[…]}` or a bare array, of texts or of objects. What cannot be read in it is passed over.
 * `undefined` when it is no list at all.
 */
export function readModelList(body: unknown, naming: ModelNaming = {}): ModelList | undefined {
  const list = findArray(body)
  if (list === undefined) return undefined
  const models = new Map<string, ListedModel>()
  for (const item of list.slice(0, mostModels)) {
    const model = readModel(item, naming)
    if (model !== undefined && !models.has(model.id)) models.set(model.id, model)
  }
  return { models: [...models.values()], complete: list.length <= mostModels && !hasMore(body) }
}

/** The model that an id in a provider's own spelling, or without its prefix, stands for. */
export function readModelId(listed: string, naming: ModelNaming): { id: string; upstreamId: string } | undefined {
  const { modelPrefix: prefix = '', modelNamespace: namespace = '' } = naming
  const sent = prefix !== '' && listed.startsWith(prefix) ? listed.slice(prefix.length) : listed
  const short = namespace !== '' && sent.startsWith(namespace) ? sent.slice(namespace.length) : sent
  // Servers that name a model after its file: `/models/qwen.gguf`.
  const id = short.replace(/^\/+/, '')
  if (modelNameProblem(id) !== undefined) return undefined
  return { id, upstreamId: sent.includes('/') ? sent : `${namespace}${sent}` }
}

function findArray(body: unknown): readonly unknown[] | undefined {
  if (Array.isArray(body)) return body
  if (!isRecord(body)) return undefined
  const arrays = ['data', 'models', 'result', 'modelSummaries']
    .map((key) => body[key])
    .filter((value) => Array.isArray(value))
  return arrays.find((array) => array.length > 0) ?? arrays[0]
}

function hasMore(body: unknown): boolean {
  if (!isRecord(body)) return false
  const { has_more: more, nextPageToken: camel, next_page_token: snake, nextToken: token } = body
  const { result_info: page } = body
  const pages = isRecord(page) ? numberOf(page['total_pages']) : undefined
  return more === true || [camel, snake, token].some((value) => textOf(value) !== undefined) || (pages ?? 1) > 1
}

function readModel(item: unknown, naming: ModelNaming): ListedModel | undefined {
  if (typeof item === 'string') {
    const names = readModelId(item, naming)
    return names && { ...names, aliases: [], capabilities: [] }
  }
  if (!isRecord(item) || item['active'] === false) return undefined
  const listed = idOf(item)
  const names = listed === undefined ? undefined : readModelId(listed, naming)
  if (names === undefined) return undefined
  const title = firstText(item, ['display_name', 'displayName', 'modelName', 'name'])
  const ownedBy = firstText(item, ['owned_by', 'organization', 'author', 'providerName'])
  const contextWindow =
    firstNumber(item, contextPaths) ??
    largest(item['providers'], 'context_length') ??
    cloudflareProperty(item, 'context_window')
  const maxOutput = firstNumber(item, outputPaths)
  const price = readListedPrice(item)
  return {
    ...names,
    ...(title === undefined || title === listed ? {} : { name: title }),
    ...(ownedBy === undefined ? {} : { ownedBy }),
    aliases: Array.isArray(item['aliases']) ? item['aliases'].filter(isModelName).slice(0, 20) : [],
    ...(contextWindow === undefined ? {} : { contextWindow }),
    ...(maxOutput === undefined ? {} : { maxOutput }),
    capabilities: readCapabilities(item),
    ...(price === undefined ? {} : { price }),
  }
}

// Cloudflare's `id` is a UUID that no request takes; its `name` is what a request names.
function idOf(item: Record<string, unknown>): string | undefined {
  const id = textOf(item['id'])
  const isUuid = id !== undefined && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)
  if (id !== undefined && !isUuid) return id
  return firstText(item, ['modelId', 'model', 'key', 'name']) ?? id
}

const contextPaths = [
  'context_window',
  'context_length',
  'max_context_length',
  'max_model_len',
  'context_size',
  'inputTokenLimit',
  'max_input_tokens',
  'max_context_window_tokens',
  'contextLength',
  'top_provider.context_length',
  'meta.n_ctx_train',
]

const outputPaths = [
  'max_completion_tokens',
  'max_output_tokens',
  'outputTokenLimit',
  'max_output_length',
  'max_tokens',
  'top_provider.max_completion_tokens',
]

function firstNumber(item: Record<string, unknown>, paths: readonly string[]): number | undefined {
  for (const path of paths) {
    const [outer = '', inner] = path.split('.')
    const value = inner === undefined ? item[outer] : asRecord(item[outer])[inner]
    const number = numberOf(value)
    if (number !== undefined) return number
  }
  return undefined
}

function largest(list: unknown, key: string): number | undefined {
  if (!Array.isArray(list)) return undefined
  const numbers = list.map((entry) => numberOf(asRecord(entry)[key])).filter((value) => value !== undefined)
  return numbers.length === 0 ? undefined : Math.max(...numbers)
}

function cloudflareProperty(item: Record<string, unknown>, id: string): number | undefined {
  const { properties } = item
  if (!Array.isArray(properties)) return undefined
  return numberOf(asRecord(properties.find((property) => asRecord(property)['property_id'] === id))['value'])
}

function firstText(item: Record<string, unknown>, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const text = textOf(item[key])
    if (text !== undefined) return text
  }
  return undefined
}

// Told by the provider and shown to people, so cut and kept free of control characters.
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > 512) return undefined
  return /\p{Cc}/u.test(value) ? undefined : value
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : undefined
}

function isModelName(value: unknown): value is string {
  return typeof value === 'string' && modelNameProblem(value) === undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function asRecord(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}
