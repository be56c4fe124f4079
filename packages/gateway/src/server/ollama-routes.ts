import { hash } from 'node:crypto'
import { SluiceError } from '@sluice/protocol'
import { ollamaChat } from '@sluice/protocol/dialects'
import type { ModelEntry } from '../directory.ts'
import type { Authenticate } from '../pipeline/authenticate.ts'
import type { Principal } from '../pipeline/principal.ts'
import type { Call, Handler } from './call.ts'
import { callersOnly } from './callers-only.ts'
import { readBody } from './read-body.ts'
import { sendJson } from './respond.ts'
import type { Route } from './router.ts'

export interface OllamaRouteParts {
  readonly authenticate: Authenticate
  /** The models that a caller may use. */
  readonly modelsFor: (principal: Principal) => Promise<readonly ModelEntry[]>
}

/** Clients look at it to know what they may ask for: the release of Ollama from which on all of this is there. */
const spokenVersion = '0.12.6'

/** Of a request that only names a model. */
const bodyLimit = 64 * 1024

/** What clients of Ollama ask a server before they chat. https://docs.ollama.com/api */
export function ollamaRoutes({ authenticate, modelsFor }: OllamaRouteParts): readonly Route[] {
  const guarded = (handler: (call: Call, principal: Principal) => Promise<void> | void): Handler =>
    callersOnly(authenticate, handler, () => ollamaChat)

  async function listModels(call: Call, principal: Principal): Promise<void> {
    sendJson(call, 200, { models: (await modelsFor(principal)).map(listed) })
  }

  async function showModel(call: Call, principal: Principal): Promise<void> {
    const id = readModel(await readBody(call, bodyLimit))
    const model = (await modelsFor(principal)).find((entry) => entry.id === id || entry.aliases.includes(id))
    // The words by which clients know that a model is missing.
    if (model === undefined) throw new SluiceError('model_not_found', `model '${printable(id)}' not found`)
    sendJson(call, 200, shown(model))
  }

  return [
    {
      method: 'GET',
      path: '/api/version',
      handler: guarded((call) => sendJson(call, 200, { version: spokenVersion })),
    },
    // What is in memory is the providers' affair.
    { method: 'GET', path: '/api/ps', handler: guarded((call) => sendJson(call, 200, { models: [] })) },
    { method: 'GET', path: '/api/tags', handler: guarded(listModels) },
    { method: 'POST', path: '/api/show', handler: guarded(showModel) },
  ]
}

/** `name` is what older clients say. */
function readModel(body: Buffer): string {
  let wire: unknown
  try {
    wire = JSON.parse(body.toString())
  } catch (cause) {
    throw new SluiceError('invalid_json', 'The body is not valid JSON.', { cause })
  }
  const { model, name } = (wire ?? {}) as { readonly model?: unknown; readonly name?: unknown }
  const id = model ?? name
  if (typeof id === 'string' && id !== '') return id
  throw new SluiceError('invalid_request', '`model` must name a model.', { param: 'model' })
}

/** Nothing is known of files here: clients want the members all the same. */
function listed(model: ModelEntry): object {
  return {
    name: model.id,
    model: model.id,
    modified_at: new Date(model.created * 1000).toISOString(),
    size: 0,
    digest: hash('sha256', model.id),
    details: details(model),
  }
}

function details({ provider }: ModelEntry): object {
  return {
    parent_model: '',
    format: '',
    family: provider,
    families: [provider],
    parameter_size: '',
    quantization_level: '',
  }
}

function shown(model: ModelEntry): object {
  const { provider, name, context_window: context } = model
  return {
    license: '',
    modelfile: '',
    parameters: '',
    template: '',
    details: details(model),
    model_info: {
      'general.architecture': provider,
      'general.basename': name,
      ...(context !== undefined && { [`${provider}.context_length`]: context }),
    },
    capabilities: model.capabilities.map((word) => capabilities.get(word)).filter((word) => word !== undefined),
    modified_at: new Date(model.created * 1000).toISOString(),
  }
}

/** Our words for Ollama's. https://docs.ollama.com/api-reference/show-model-details */
const capabilities: ReadonlyMap<string, string> = new Map([
  ['chat', 'completion'],
  ['tools', 'tools'],
  ['vision', 'vision'],
  ['reasoning', 'thinking'],
  ['embeddings', 'embedding'],
])

function printable(text: string): string {
  return text.slice(0, 100).replaceAll(/[^\x20-\x7e]/g, '?')
}
