import type { Logger } from 'pino'
import type { ConfiguredProvider, Engine, ResponsesConfig } from 'sluice'
import type { Authenticate } from '../pipeline/authenticate.ts'
import type { LazyDatabase } from '../stores/lazy-database.ts'
import { createLazyResponseStore } from './lazy-response-store.ts'
import { createMemoryResponseStore } from './memory-response-store.ts'
import { createRelayToProvider } from './relay-to-provider.ts'
import { createResponseHandlers, type ResponseHandlers } from './response-handlers.ts'
import type { ResponseStore } from './response-store.ts'
import { createResponseTurns, type ResponseTurns } from './response-turn.ts'

export interface ResponsesOptions {
  readonly config: ResponsesConfig
  readonly database: LazyDatabase
  readonly engine: Pick<Engine, 'registry' | 'transport'>
  readonly authenticate: Authenticate
  readonly logger: Logger
  /** Of a conversation's bytes. */
  readonly maxBodyBytes: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface OpenResponses {
  readonly turns: ResponseTurns
  readonly handlers: ResponseHandlers
  close(): Promise<void>
}

/** Of answers that are kept in memory. */
const mostInMemory = 64 * 1024 * 1024

export function openResponses(options: ResponsesOptions): OpenResponses {
  const { config, engine, authenticate, logger, now, maxBodyBytes: limit } = options
  const failed = (error: unknown, requestId?: string): void =>
    logger.error({ err: error, ...(requestId !== undefined && { requestId }) }, 'A response could not be kept.')
  const store = config.store ? createLazyResponseStore(() => openStore(options), failed) : undefined
  const relay = createRelayToProvider({
    transport: engine.transport,
    findProvider: (id) => engine.registry.providers.find((provider) => provider.id === id),
  })
  const isOfGateway = ({ id, baseUrl, apiKey }: ConfiguredProvider): boolean =>
    engine.registry.providers.some((one) => one.id === id && one.baseUrl === baseUrl && one.apiKey === apiKey)
  return {
    turns: createResponseTurns({ store, limit, now, failed, isOfGateway }),
    handlers: createResponseHandlers({ authenticate, store, relay, limit }),
    close: async () => store?.close(),
  }
}

async function openStore({
  config: { ttl, maxBytes },
  database,
  logger,
  now,
}: ResponsesOptions): Promise<ResponseStore> {
  try {
    const [opened, { createDatabaseResponseStore }] = await Promise.all([
      database.open(),
      import('./database-response-store.ts'),
    ])
    return createDatabaseResponseStore(opened, { ttl, maxBytes, now })
  } catch (error) {
    // It is back sooner or later, and others keep theirs there.
    if (database.shared) throw error
    logger.warn({ err: error }, 'Responses are kept in memory only, until this process ends.')
    return createMemoryResponseStore({ ttl, maxBytes: Math.min(maxBytes, mostInMemory), now })
  }
}
