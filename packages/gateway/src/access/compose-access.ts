import type { IncomingMessage } from 'node:http'
import { SluiceError } from '@sluice/protocol'
import type { Logger } from 'pino'
import type { ServerConfig } from 'sluice'
import { adminPrincipal, type Authenticate, checkAddress, createAuthenticate } from '../pipeline/authenticate.ts'
import { callerKey } from '../pipeline/caller-key.ts'
import type { Principal } from '../pipeline/principal.ts'
import type { LazyDatabase } from '../stores/lazy-database.ts'
import type { Changes } from '../changes/changes.ts'
import { createActForSite, siteHeader } from './act-for-site.ts'
import { compileRanges, findBadRange } from './addresses.ts'
import { callerAddress } from './caller-address.ts'
import { hashKey } from './key-text.ts'
import { checkGrant, createManagedKeys, type OpenAccess } from './managed-keys.ts'
import { hasPepper } from './pepper.ts'

/** Who may call. Nothing of a store is loaded before keys are managed. */
export interface Access {
  readonly authenticate: Authenticate
  /** The same for calls of models, which a key may make on behalf of a site. */
  readonly authenticateCaller: Authenticate
  /** Whether callers need keys, of whatever kind. */
  readonly required: boolean
  /**
   * Who a principal of earlier is by now: a batch outlives the request that made it. Rejects with a `SluiceError` for one
   * who may not call any more.
   */
  renew(principal: Principal): Promise<Principal>
  /** Where a request comes from; `undefined` where nobody knows. */
  addressOf(request: IncomingMessage): string | undefined
  /** What is kept of the key that a request brings; that it is valid was seen before. */
  hashOf(request: IncomingMessage): Promise<string>
  /** Who the key is by now of which that is kept. Rejects as `authenticate` does for the key itself. */
  renewByHash(hash: string, request: IncomingMessage): Promise<Principal>
  open(): Promise<OpenAccess>
  /** To be called after every change to what is kept. */
  changed(): void
  /** Resolves when it is known whether callers need keys. */
  start(): Promise<void>
  close(): void
}

export interface AccessOptions {
  readonly server: ServerConfig
  readonly database: LazyDatabase
  /** What other processes are told by; absent where there are none, or no way to tell them. */
  readonly changes: Changes | undefined
  readonly logger: Logger
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** @throws SluiceError `invalid_config` */
export function composeAccess({ server, database, changes, logger, now }: AccessOptions): Access {
  const { keys, adminKey, managedKeys, oidc, keyPepper, databaseUrl, dataDir, insecure, trustedProxies, masterKeys } =
    server
  const bad = findBadRange(trustedProxies)
  if (bad !== undefined)
    throw new SluiceError(
      'invalid_config',
      `server.trusted_proxies: ${JSON.stringify(bad)} is no address and no range of addresses, such as 10.0.0.0/8.`,
    )
  let opening: Promise<OpenAccess> | undefined

  async function load(): Promise<OpenAccess> {
    const [{ openAccess }, opened] = await Promise.all([import('./open-access.ts'), database.open()])
    return openAccess({ database: opened, dataDir, pepper: keyPepper, masterKeys, now })
  }

  function open(): Promise<OpenAccess> {
    opening ??= load().catch((error: unknown) => {
      opening = undefined
      throw error
    })
    return opening
  }

  // Of a database of many, only it can say whether keys are managed.
  const asked = managedKeys || [adminKey, oidc, keyPepper, databaseUrl].some((setting) => setting !== undefined)
  const managed = createManagedKeys({
    open,
    mayExist: () => asked || hasPepper(dataDir),
    wanted: managedKeys,
    // Who signs in manages something: callers of that need keys.
    required: managedKeys || adminKey !== undefined || oidc !== undefined || keys.length > 0,
    interval: server.pollInterval,
    logger,
  })
  const proxies = trustedProxies.length > 0 ? compileRanges(trustedProxies) : undefined
  const authenticate = createAuthenticate({ keys, adminKey, insecure, managed, trustedProxies: proxies, now })
  const actForSite = createActForSite(managed.findSite)
  return {
    authenticate,
    authenticateCaller(request) {
      const principal = authenticate(request)
      const site = request.headers[siteHeader]
      if (typeof site !== 'string') return principal
      return principal instanceof Promise
        ? principal.then((found) => actForSite(found, site))
        : actForSite(principal, site)
    },
    addressOf: (request) => callerAddress(request, proxies),
    get required() {
      return managed.required
    },
    async renew(principal) {
      if (!principal.id.startsWith('key_')) return principal
      const grant = await managed.findById(principal.id)
      if (grant === undefined)
        throw new SluiceError('invalid_api_key', 'The API key that this was asked with was deleted.')
      checkGrant(grant, now())
      return principal.site === undefined ? grant.principal : actForSite(grant.principal, principal.site)
    },
    hashOf: async (request) => hashKey(callerKey(request) ?? '', (await open()).pepper),
    async renewByHash(hash, request) {
      const { pepper } = await open()
      if (adminKey !== undefined && hash === hashKey(adminKey.reveal(), pepper)) return adminPrincipal(adminKey)
      const grant = await managed.findByHash(hash)
      if (grant === undefined) throw new SluiceError('invalid_api_key', 'The API key that this began with is gone.')
      checkGrant(grant, now())
      checkAddress(grant, request, proxies)
      return grant.principal
    },
    open,
    changed() {
      managed.forget()
      changes?.tell?.()
    },
    async start() {
      changes?.listen(() => managed.refresh())
      await managed.start()
    },
    close: () => managed.close(),
  }
}
