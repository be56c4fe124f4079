import { SluiceError } from '@sluice/protocol'
import { type Config, version } from 'sluice'
import type { Access } from '../access/compose-access.ts'
import { type Actor, actorOf } from '../access/actor.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { type Call, checkCaller } from '../server/call.ts'
import type { Sessions } from '../sessions/compose-sessions.ts'
import { queryOf } from '../server/query.ts'
import { readBody } from '../server/read-body.ts'
import { sendJson, sendPage } from '../server/respond.ts'
import type { Route } from '../server/router.ts'
import { withErrors } from '../server/with-errors.ts'
import type { ErrorLog } from '../telemetry/error-log.ts'
import type { AdminParts } from './admin-parts.ts'
import type { Admin } from './admin.ts'
import type { ApiDocument } from './reference-page.ts'

export interface AdminRouteParts {
  readonly access: Access
  readonly sessions: Sessions
  readonly config: Config
  readonly outbound: Pick<Outbound, 'check'>
  readonly errorLog: ErrorLog
  /** Of the gateway that runs. */
  readonly running: Pick<AdminParts, 'look' | 'cache' | 'source'>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const prefix = '/api/admin'
/** Of a request's body, in bytes. */
const bodyLimit = 256 * 1024

/** The admin API over HTTP. Nothing of it is loaded before it is asked. */
export function adminRoutes({
  access,
  sessions,
  config,
  outbound,
  errorLog,
  now,
  running,
}: AdminRouteParts): readonly Route[] {
  let opening: Promise<Admin> | undefined
  let document: Promise<object> | undefined

  async function load(): Promise<Admin> {
    const [{ openAdmin }, parts] = await Promise.all([import('./open-admin.ts'), access.open()])
    return openAdmin({ ...parts, ...running, config, outbound, now }, access.changed)
  }

  function open(): Promise<Admin> {
    opening ??= load().catch((error: unknown) => {
      opening = undefined
      throw error
    })
    return opening
  }

  async function actorFor(call: Call): Promise<Actor> {
    if (!access.required) throw nobodyYet()
    const bySession = sessions.comesBySession(call.request)
    const { principal, session } = bySession
      ? await sessions.identify(call.request)
      : { principal: await access.authenticate(call.request), session: undefined }
    checkCaller(call)
    const { role } = principal
    if (role !== undefined) return actorOf(principal, role, session?.id)
    throw new SluiceError(
      'permission_denied',
      'This key is for calling models. The admin API takes one that has a role: `sluice keys create NAME --role admin`, or the one of SLUICE_ADMIN_KEY.',
    )
  }

  async function answer(call: Call): Promise<void> {
    const actor = await actorFor(call)
    const { headers, method = 'GET' } = call.request
    const body = method === 'GET' || method === 'DELETE' ? undefined : parse(await readBody(call, bodyLimit))
    checkCaller(call)
    const key = headers['idempotency-key']
    const admin = await open()
    const {
      status,
      body: answered,
      replayed,
    } = await admin.handle({
      method,
      path: call.path.slice(prefix.length),
      query: queryOf(call),
      body,
      actor,
      idempotencyKey: typeof key === 'string' ? key : undefined,
      requestId: call.id,
      address: access.addressOf(call.request),
    })
    const more = ['cache-control', 'no-store', ...(replayed ? ['idempotent-replayed', 'true'] : [])]
    sendJson(call, status, answered, more)
  }

  async function exportAll(call: Call): Promise<void> {
    const actor = await actorFor(call)
    const [{ exportUsage }, admin] = await Promise.all([import('./export-usage.ts'), open()])
    await exportUsage(call, admin, actor)
  }

  return [
    { method: 'GET', path: `${prefix}/usage/export`, handler: withErrors(exportAll, errorLog) },
    { method: '*', path: `${prefix}/*`, handler: withErrors(answer, errorLog) },
    // The same in every installation, so nobody is asked who they are.
    {
      method: 'GET',
      path: '/openapi.json',
      async handler(call) {
        sendJson(call, 200, await (document ??= describe()))
      },
    },
    { method: 'GET', path: '/docs', handler: async (call) => showReference(call, await (document ??= describe())) },
  ]
}

async function showReference(call: Call, document: object): Promise<void> {
  const { referencePage, referencePolicy } = await import('./reference-page.ts')
  sendPage(call, 200, referencePage(document as ApiDocument), referencePolicy)
}

async function describe(): Promise<object> {
  const [{ openApi }, { adminEndpoints }] = await Promise.all([import('./open-api.ts'), import('./resources.ts')])
  return openApi(adminEndpoints, version)
}

function nobodyYet(): SluiceError {
  return new SluiceError(
    'missing_api_key',
    'Nobody manages this gateway yet. Make an admin key on its machine, `sluice keys create NAME --role owner`, or set SLUICE_ADMIN_KEY.',
  )
}

function parse(body: Buffer): unknown {
  if (body.length === 0) return undefined
  try {
    return JSON.parse(body.toString())
  } catch (cause) {
    throw new SluiceError('invalid_json', 'The body is not valid JSON.', { cause })
  }
}
