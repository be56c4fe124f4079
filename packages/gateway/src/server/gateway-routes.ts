import { SluiceError } from '@sluice/protocol'
import { mayUseProvider } from '../access/policy.ts'
import { permittedModels } from '../access/permitted-models.ts'
import type { Authenticate } from '../pipeline/authenticate.ts'
import type { Principal } from '../pipeline/principal.ts'
import type { Directory, ModelEntry } from '../directory.ts'
import type { Call, Handler } from './call.ts'
import { callersOnly } from './callers-only.ts'
import { errorDialect } from './error-dialect.ts'
import { ollamaRoutes } from './ollama-routes.ts'
import { sendJson } from './respond.ts'
import type { Route } from './router.ts'

export interface GatewayRouteParts {
  readonly authenticate: Authenticate
  /** What a caller is told of. */
  readonly directoryFor: (principal: Principal) => Promise<Directory>
  readonly version: string
  /** Whether requests are taken. */
  readonly ready: () => boolean
}

/** Everything that is not inference: what is served, by whom, and whether this process is well. */
export function gatewayRoutes(parts: GatewayRouteParts): readonly Route[] {
  const { directoryFor, version } = parts

  const guarded = (handler: (call: Call, principal: Principal) => Promise<void>): Handler =>
    callersOnly(parts.authenticate, handler, errorDialect)

  async function modelsFor(principal: Principal): Promise<readonly ModelEntry[]> {
    const directory = await directoryFor(principal)
    return permittedModels(await directory.models(), principal.policy)
  }

  async function listModels(call: Call, principal: Principal): Promise<void> {
    sendJson(call, 200, { object: 'list', data: await modelsFor(principal) })
  }

  async function showModel(call: Call, principal: Principal): Promise<void> {
    const id = decodeId(call.path.slice('/models/'.length))
    const model = (await modelsFor(principal)).find((entry) => entry.id === id || entry.aliases.includes(id))
    if (model === undefined)
      throw new SluiceError(
        'model_not_found',
        `No configured provider lists the model "${printable(id)}". GET /v1/models lists them all.`,
      )
    sendJson(call, 200, model)
  }

  async function listProviders(call: Call, principal: Principal): Promise<void> {
    const directory = await directoryFor(principal)
    const providers = await directory.providers()
    sendJson(call, 200, { object: 'list', data: providers.filter(({ id }) => mayUseProvider(principal.policy, id)) })
  }

  return [
    { method: 'GET', path: '/models', handler: guarded(listModels) },
    { method: 'GET', path: '/models/*', handler: guarded(showModel) },
    { method: 'GET', path: '/providers', handler: guarded(listProviders) },
    ...ollamaRoutes({ authenticate: parts.authenticate, modelsFor }),
    { method: 'GET', path: '/healthz', handler: (call) => sendJson(call, 200, { status: 'ok', version }) },
    {
      method: 'GET',
      path: '/readyz',
      handler: (call) =>
        parts.ready() ? sendJson(call, 200, { status: 'ready' }) : sendJson(call, 503, { status: 'draining' }),
    },
  ]
}

function decodeId(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function printable(text: string): string {
  return text.slice(0, 100).replaceAll(/[^\x20-\x7e]/g, '?')
}
