import { openaiEmbeddings, SluiceError } from '@sluice/protocol'
import { chatDialects, openaiResponses, operationDialects, translatableDialects } from '@sluice/protocol/dialects'
import type { Logger } from 'pino'
import {
  composeEngine,
  type Config,
  configError,
  type Engine,
  type Middleware,
  providers as presets,
  type Transport,
  version,
} from 'sluice'
import { type Access, composeAccess } from './access/compose-access.ts'
import { siteConfig } from './access/site-config.ts'
import { createSites } from './access/sites.ts'
import type { ConfigSource } from './admin/admin-parts.ts'
import { adminRoutes } from './admin/admin-routes.ts'
import { composeBatches } from './batches/compose-batches.ts'
import { composeCache } from './cache/compose-cache.ts'
import { composeChanges } from './changes/compose-changes.ts'
import { composeHealth } from './health/compose-health.ts'
import { checkUrls } from './config/check-urls.ts'
import { createDirectory, type Directory } from './directory.ts'
import type { Lookup } from './outbound/lookup.ts'
import { createOutbound } from './outbound/outbound.ts'
import { composeLedger, type Ledger } from './ledger/compose-ledger.ts'
import { composeLimits } from './limits/compose-limits.ts'
import { withLocalServers } from './local-servers.ts'
import { createOpenParts, type OpenParts } from './open-parts.ts'
import { composeResponses } from './responses/compose-responses.ts'
import { composeSessions } from './sessions/compose-sessions.ts'
import { signInRoutes } from './sessions/sign-in-routes.ts'
import { createLazyDatabase, type LazyDatabase } from './stores/lazy-database.ts'
import type { Principal } from './pipeline/principal.ts'
import { createMeter, type LedgerRecord, type Meter, toUsageRecord, type UsageRecord } from './pipeline/meter.ts'
import { createInProcess } from './pipeline/in-process.ts'
import { createPipeline } from './pipeline/pipeline.ts'
import { createCors } from './server/cors.ts'
import { gatewayRoutes } from './server/gateway-routes.ts'
import { llmRoutes } from './server/llm-routes.ts'
import { createListener } from './server/listener.ts'
import { isLoopback } from './server/local-only.ts'
import { promptRoutes } from './server/prompt-routes.ts'
import { createRawProxy } from './server/raw-proxy.ts'
import { createRouter, type Route } from './server/router.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { createOverview } from './telemetry/overview.ts'
import { createProcessView } from './telemetry/process-view.ts'
import { createTraceBook } from './telemetry/trace-book.ts'
import { createErrorLog } from './telemetry/error-log.ts'
import { configuredDemo, withDemo } from './transport/demo.ts'
import { withMaskedCredentials } from './transport/masked-credentials.ts'
import { createUndiciTransport } from './transport/undici.ts'
import { askProcesses } from './workers/ask-processes.ts'
import type { Peers } from './workers/peers.ts'

export interface GatewayOptions {
  readonly logger: Logger
  /** Hears what each request used, before its last byte goes out. */
  readonly onUsage?: (record: UsageRecord) => void
  /** Default: undici. */
  readonly transport?: Transport
  /** Where the configuration comes from, for those who ask by the admin API. */
  readonly source?: ConfigSource
  /** Around each attempt at each target; the first is the outermost. */
  readonly middleware?: readonly Middleware[]
  /** Go on with batches that are unfinished. Default `true`. */
  readonly resumeBatches?: boolean
  /** The other processes that serve with this one; absent where it is the only one. */
  readonly peers?: Peers
  /** Milliseconds since 1970, for what is kept for a time. Default: the system's clock. */
  readonly now?: () => number
  /** Finds the addresses of hosts that tenants name. Default: the system's. */
  readonly lookup?: Lookup
}

/** So many of the last requests can be explained. */
const keptTraces = 1_000

/** A running gateway. */
export interface Gateway {
  /** `http://127.0.0.1:8090`. */
  readonly url: string
  readonly port: number
  /** As it runs, with the built-in demo provider where nothing else took its name and nobody switched it off. */
  readonly config: Config
  readonly engine: Engine
  readonly directory: Directory
  /** Who may call. */
  readonly access: Access
  readonly meter: Meter
  /** Absent where config switches it off. */
  readonly ledger: Ledger | undefined
  /** The paths that are served, as `METHOD /path`. */
  readonly routes: readonly string[]
  /** Requests that are being answered. */
  readonly open: number
  /** Refuses new requests, lets open ones finish up to `server.drain_timeout`, closes everything. Idempotent. */
  close(): Promise<void>
}

/**
 * Starts a gateway. Of one that cannot start nothing stays open.
 *
 * @throws SluiceError `invalid_config` when the address cannot be had, or would expose an open gateway;
 * `schema_mismatch` when the database is not of this version.
 */
export async function startGateway(given: Config, options: GatewayOptions): Promise<Gateway> {
  const parts = createOpenParts()
  try {
    return await composeGateway(given, options, parts)
  } catch (error) {
    await parts.close().catch((failure: unknown) => options.logger.warn({ err: failure }, 'Not all could be closed.'))
    throw error
  }
}

/** The gateway's composition root: the only place that names the concrete parts. */
async function composeGateway(given: Config, options: GatewayOptions, parts: OpenParts): Promise<Gateway> {
  const { server } = given
  const guarded =
    server.keys.length > 0 || server.adminKey !== undefined || server.managedKeys || server.oidc !== undefined
  if (!guarded && !server.insecure && !isLoopback(server.host)) {
    throw new SluiceError(
      'invalid_config',
      `Without caller keys the gateway listens on loopback only, not on ${server.host}. Configure server.keys, or say --insecure.`,
    )
  }
  const wrongUrls = checkUrls(given, new Map())
  if (wrongUrls.length > 0) throw configError(wrongUrls)
  const errorLog = createErrorLog(options.logger)
  const transport = withMaskedCredentials(withDemo(options.transport ?? createUndiciTransport()))
  parts.add({ transport })
  const config = withDemoProvider(server.findLocalServers ? await withLocalServers(given, presets, transport) : given)
  const aroundEngine = { middleware: options.middleware, dialects: translatableDialects }
  const engine = composeEngine(config, presets, transport, aroundEngine)
  const directory = createDirectory(engine, engine.transport, config.routes)
  const siteDirectories = new WeakMap<Engine, Directory>()
  const directoryFor = async ({ workspace }: Principal): Promise<Directory> => {
    if (workspace?.settings === undefined) return directory
    const own = await siteEngine(workspace)
    let listed = siteDirectories.get(own)
    if (listed === undefined) siteDirectories.set(own, (listed = createDirectory(own, own.transport, config.routes)))
    return listed
  }
  const metrics = createMetrics()
  const traces = createTraceBook(keptTraces)
  const { maxBodyBytes } = server
  const database = createLazyDatabase(server.databaseUrl?.reveal() ?? server.dataDir, {
    connections: server.databaseConnections,
    migrate: server.databaseMigrate,
  })
  parts.add({ database })
  const { logger, peers, now = Date.now } = options
  await checkDatabase(database, logger)
  const redis = server.redisUrl && (await import('./counters/connect-redis.ts')).connectRedis(server.redisUrl, logger)
  parts.add({ redis })
  const changes = await composeChanges({ server, redis, peers, logger })
  parts.add({ changes })
  const access = composeAccess({ server, database, changes, logger, now })
  const outbound = createOutbound(server.outbound, options.lookup)
  parts.add({ access, outbound })
  const siteEngine = createSites(access.open, (settings) => {
    const carrier = settings.baseUrl === undefined ? transport : outbound.transport()
    return composeEngine(siteConfig(config, presets, settings), presets, carrier, aroundEngine)
  })
  const { authenticateCaller: authenticate, renew } = access
  const sessions = composeSessions({ server, access, now })
  const health = composeHealth(config, engine, logger, peers)
  parts.add({ health })
  const ledger = composeLedger({
    config: config.ledger,
    directory: server.dataDir,
    database,
    engine,
    removesOld: (peers?.place ?? 0) === 0,
    logger,
    now,
    tell: (event, reason) => health.watch.tell(event, 'ledger', reason),
  })
  const limits = composeLimits({
    config,
    engine,
    ledger: ledger && peers ? withLatestOfAll(ledger, peers) : ledger,
    counters: peers?.counters,
    logger,
    now,
    tell: health.watch.tell,
    tellOfBudget: health.watch.tell,
  })
  const meter = createMeter({
    record: recordFor(ledger, options.onUsage),
    begin: ledger?.begin,
    whenWritten: ledger?.whenWritten,
    priceOf: engine.registry.priceOf,
    loadPrices: () => void engine.facts.load().catch(() => undefined),
    metrics,
    traces,
  })
  const cache = await composeCache(config.cache, {
    redis,
    peers,
    database,
    prompts: engine.prompts,
    embed: () =>
      createInProcess({
        dialect: openaiEmbeddings,
        engine,
        siteEngine,
        admit: limits.admitSpending,
        meter,
        renew: async (principal) => principal,
      }),
    logger,
    now,
  })
  const admitted = ledger === undefined ? authenticate : ledger.guard(authenticate)
  const responses = composeResponses({
    config: config.responses,
    database,
    engine,
    authenticate,
    logger,
    maxBodyBytes,
    now,
  })
  const inference = [...chatDialects, ...operationDialects].flatMap((spoken): Route[] => {
    if (spoken.served === undefined) return []
    const turns = spoken === openaiResponses ? responses.turns : undefined
    const handler = createPipeline({
      dialect: spoken,
      authenticate: admitted,
      engine,
      siteEngine,
      meter,
      errorLog,
      maxBodyBytes,
      allowOverrides: server.overrides,
      turns,
      admit: limits.admit,
      cache: cache?.stage,
    })
    return spoken.served.map((path) => ({ method: 'POST', path, handler }))
  })
  const batches = composeBatches({
    config: config.batches,
    directory: server.dataDir,
    database,
    engine,
    dialects: [...chatDialects, ...operationDialects],
    authenticate,
    siteEngine,
    renew,
    admit: limits.admit,
    admitRaw: limits.admitRaw,
    meter,
    errorLog,
    logger,
    maxBodyBytes,
    now,
  })
  const view = createProcessView({
    engine,
    metrics,
    traces,
    ...health,
    cacheOutcomes: cache?.outcomes,
    ledger: ledger?.status,
    limits: limits.status,
    open: () => listener.open,
  })
  const overview = createOverview(view, peers && askProcesses(peers, view))
  const running = { look: limits.look, cache: cache?.controls, source: options.source }
  const routes: readonly Route[] = [
    ...inference,
    ...responses.routes,
    ...batches.routes,
    {
      method: '*',
      path: '/proxy/*',
      handler: createRawProxy({
        authenticate: admitted,
        engine,
        dialects: [...chatDialects, ...operationDialects],
        transport: engine.transport,
        admit: limits.admitRaw,
        meter,
        errorLog,
        maxBodyBytes,
      }),
    },
    ...llmRoutes({
      authenticate: sessions.authenticate,
      engine,
      siteEngine,
      overview,
      version,
      maxBodyBytes,
      allowOverrides: server.overrides,
    }),
    ...adminRoutes({ access, sessions, config, outbound, errorLog, now, running }),
    ...signInRoutes({ server, access, sessions, errorLog, logger, now }),
    ...promptRoutes({ authenticate, engine, maxBodyBytes }),
    ...gatewayRoutes({ authenticate, directoryFor, version, ready: () => !listener.draining }),
  ]
  const listener = createListener({
    router: createRouter(routes),
    cors: createCors(server.cors),
    errorLog,
    requestTimeout: server.requestTimeout,
    drainTimeout: server.drainTimeout,
    failed: (error) => logger.error({ err: error }, 'The server met an error; it goes on listening.'),
    giveUp: async () => {
      await Promise.all([transport.close(), outbound.close()])
    },
  })
  parts.add({ listener: { close: () => listener.drain() }, cache, responses, batches, limits, ledger })
  await access.start()
  const port = await listener.listen(server.host, server.port, peers !== undefined)
  ledger?.start()
  // Costs are worked out for whoever listens only; the table is not small.
  if (options.onUsage !== undefined) await engine.facts.load()
  // Ask for the lists of models now, in the background, so that the first caller need not wait.
  engine.catalog.revision()
  const found = config.providers.filter(
    ({ id, preset }) => preset.local && !given.providers.some((one) => one.id === id),
  )
  await Promise.all(found.map(({ id }) => engine.catalog.refresh(id)))
  if (options.resumeBatches !== false) await batches.resume()

  return {
    url: `http://${server.host.includes(':') ? `[${server.host}]` : server.host}:${port}`,
    port,
    config,
    engine,
    directory,
    access,
    meter,
    ledger,
    routes: routes.map(({ method, path }) => `${method} ${path}`),
    get open() {
      return listener.open
    },
    close: parts.close,
  }
}

/** What others wrote down may not be in the database yet. */
function withLatestOfAll(ledger: Ledger, peers: Peers): Ledger {
  peers.answer('ledger.flush', () => ledger.flush().catch(() => undefined))
  return {
    ...ledger,
    async store() {
      await peers.ask('ledger.flush')
      return ledger.store()
    },
  }
}

/** What hears of each record; `undefined` where nobody does. */
function recordFor(
  ledger: Ledger | undefined,
  heard: GatewayOptions['onUsage'],
): ((record: LedgerRecord) => void) | undefined {
  if (heard === undefined) return ledger?.record
  return (record) => {
    ledger?.record(record)
    heard(toUsageRecord(record))
  }
}

/** A schema that is not this version's is refused; a database that is away comes back. */
async function checkDatabase(database: LazyDatabase, logger: Logger): Promise<void> {
  try {
    await database.check()
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'schema_mismatch') throw error
    logger.error({ err: error }, 'The database cannot be used yet; what needs it is refused until it can.')
  }
}

function withDemoProvider(config: Config): Config {
  const { id } = configuredDemo
  if (config.switchedOff.includes(id) || config.providers.some((provider) => provider.id === id)) return config
  return Object.freeze({ ...config, providers: Object.freeze([...config.providers, configuredDemo]) })
}
