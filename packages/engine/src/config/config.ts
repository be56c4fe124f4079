import type { ModerationCategories } from '@sluice/protocol'
import type { ModelPrice } from '../money/model-price.ts'
import type { AuthScheme, Identity } from '../provider-kit/auth.ts'
import type { PromptTemplate } from '../prompts/prompt-template.ts'
import type { Secret } from '../provider-kit/secret.ts'
import type { Provider } from '../provider-kit/provider.ts'
import type { BreakerOptions } from '../routing/circuit-breaker.ts'
import type { DegradationOptions } from '../routing/degradation.ts'
import type { ConcurrencyOptions } from '../routing/concurrency-limit.ts'
import type { Condition } from '../routing/route-condition.ts'
import type { ErrorActions, FallbackReason, HedgePolicy } from '../routing/route-policy.ts'
import type { BudgetsConfig, LimitsConfig } from './limits-config.ts'
import type { StrategyKind } from '../strategies/strategy.ts'

/**
 * The configuration after reading: validated, defaults filled in, frozen. What users write (YAML, JSON, code)
 * is `ConfigInput` in `schema.ts`; this is what the program reads.
 */
export interface Config {
  readonly server: ServerConfig
  readonly providers: readonly ConfiguredProvider[]
  /** Ids of those that are written with `enabled: false`, in lower case: none of them is to be added by itself. */
  readonly switchedOff: readonly string[]
  /** Id of a configured provider. */
  readonly defaultProvider: string | undefined
  readonly models: readonly ModelConfig[]
  /** By name. */
  readonly routes: ReadonlyMap<string, RouteConfig>
  readonly routing: RoutingConfig
  readonly health: HealthConfig
  readonly alerts: readonly AlertConfig[]
  /** Those that routes may name: the built-in ones and the user's own. */
  readonly strategies: ReadonlyMap<string, StrategyKind>
  /** `tier:…` and `task:…` of config → names of models, tried in order; laid over `modelSelectors`. */
  readonly selectors: ReadonlyMap<string, readonly string[]>
  readonly logLevel: LogLevel
  readonly responses: ResponsesConfig
  readonly batches: BatchesConfig
  readonly ledger: LedgerConfig
  readonly limits: LimitsConfig
  readonly budgets: BudgetsConfig
  /** Absent where every request is asked anew. */
  readonly cache: CacheConfig | undefined
  /** Absent where models for moderation are asked by their names alone. */
  readonly moderation: ModerationConfig | undefined
  readonly prompts: readonly PromptTemplate[]
  /** Refuse a request of which something would be lost or changed on its way to the provider. */
  readonly strict: boolean
}

/** How much is logged: what is as grave, or graver. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** How the gateway listens, whom it serves and what it keeps; the library takes no notice. */
export interface ServerConfig {
  readonly host: string
  readonly port: number
  /** Processes of this machine that share the port; `auto`: one for each processor. */
  readonly workers: number | 'auto'
  /** Callers' keys; empty means open, which only a loopback listener may be. */
  readonly keys: readonly Secret[]
  /** A caller's key that may do everything, by the admin API too. */
  readonly adminKey: Secret | undefined
  /** Callers need keys, whether there are some already or not. */
  readonly managedKeys: boolean
  /** What managed keys are hashed with; absent where the data directory has it. */
  readonly keyPepper: Secret | undefined
  /** What keys of providers that sites bring are encrypted by: the first seals, all open. */
  readonly masterKeys: readonly Secret[]
  /** Where browsers find the gateway: scheme, host and port. */
  readonly publicUrl: string | undefined
  /** Absent where nobody signs in by an identity provider. */
  readonly oidc: OidcConfig | undefined
  /** Milliseconds that a session lasts at the most. */
  readonly sessionLifetime: number
  /** Milliseconds without a request after which a session is over. */
  readonly sessionIdleTimeout: number
  /** Web pages of other origins that may call; absent where none may. */
  readonly cors: CorsConfig | undefined
  /** Addresses and ranges of proxies whose `x-forwarded-for` is believed. */
  readonly trustedProxies: readonly string[]
  /** Where addresses that tenants name may lead. */
  readonly outbound: OutboundConfig
  /** Listen beyond loopback without keys. */
  readonly insecure: boolean
  readonly dataDir: string
  /** PostgreSQL, with its password; absent for SQLite in the data directory. */
  readonly databaseUrl: Secret | undefined
  /** Of this process at the most, to PostgreSQL. */
  readonly databaseConnections: number
  /** Bring the database's schema up to date when it is opened. */
  readonly databaseMigrate: boolean
  /** Redis or Valkey, with its password; absent where this process counts for itself. */
  readonly redisUrl: Secret | undefined
  /** Milliseconds between looks at what other processes changed of keys; messages tell it sooner. */
  readonly pollInterval: number
  readonly maxBodyBytes: number
  /** Milliseconds for a request to arrive whole. */
  readonly requestTimeout: number
  /** Milliseconds that open streams get to finish on shutdown. */
  readonly drainTimeout: number
  /** Edit passing requests in place; off, every request is parsed and serialised (for comparison). */
  readonly fastPath: boolean
  /** Look for local model servers on their usual ports at the start, and use those that answer. */
  readonly findLocalServers: boolean
  /** Callers may say where a request goes, how long it may take and how often it is tried again. */
  readonly overrides: boolean
}

/** `server.cors:` in config. */
export interface CorsConfig {
  /** In lower case. `*`: all, but not for the admin API. */
  readonly origins: '*' | readonly string[]
  /** Of requests, in lower case, besides those that are always allowed. */
  readonly headers: readonly string[]
  /** Seconds that a browser need not ask again. */
  readonly maxAge: number
}

/** Of addresses that tenants name; those of config lead where they lead. */
export interface OutboundConfig {
  /** Besides what is public: hosts, addresses, ranges of them, and origins, for which the rest does not count. */
  readonly allow: readonly string[]
  /** Without TLS too. */
  readonly http: boolean
  readonly ports: readonly number[]
}

/** Who signs in by an identity provider, and as what. https://openid.net/specs/openid-connect-core-1_0.html */
export interface OidcConfig {
  /** As the provider writes it in its tokens. */
  readonly issuer: string
  readonly clientId: string
  /** Absent for a client that is public. */
  readonly clientSecret: Secret | undefined
  /** `openid` among them. */
  readonly scopes: readonly string[]
  /** The name of a claim, or the way to it: `realm_access.roles`. */
  readonly roleClaim: string
  /** The first that fits counts. */
  readonly roles: readonly OidcRole[]
  /** For those whom none of `roles` fits; `none` refuses them. */
  readonly defaultRole: AdminRole | 'none'
  readonly defaultOrganisation: string | undefined
  /** In lower case; absent for all. */
  readonly emailDomains: readonly string[] | undefined
  /** Believe addresses of which the provider does not say whether they were verified. */
  readonly trustEmail: boolean
  /** Milliseconds that its clock and ours may differ. */
  readonly clockTolerance: number
}

/** What people get for what the identity provider says of them. */
export interface OidcRole {
  /** Of the claim. */
  readonly value: string
  readonly role: AdminRole
  /** An id; absent for who reaches the whole gateway. */
  readonly organisation?: string | undefined
}

/** What somebody may do by the admin API. */
export type AdminRole = 'owner' | 'admin' | 'operator' | 'developer' | 'viewer'

/** Files and batches that the gateway itself keeps and runs. */
export interface BatchesConfig {
  /** Lines that are under way at once, of all batches together. */
  readonly concurrency: number
  /** Of one file. */
  readonly maxFileBytes: number
}

/** What is kept of what requests used. Times in milliseconds. */
export interface LedgerConfig {
  readonly enabled: boolean
  /** Of what is written down while the database cannot be. */
  readonly maxJournalBytes: number
  readonly whenFull: 'drop-oldest' | 'refuse'
  /** 0: for ever. */
  readonly keepRecords: number
  /** 0: for ever. */
  readonly keepSums: number
}

/** Answers that are given again. */
export interface CacheConfig {
  /** Where answers are kept, and the questions that lead to them. */
  readonly store: CacheStore
  /** Milliseconds. */
  readonly ttl: number
  readonly maxBytes: number
  readonly maxEntryBytes: number
  readonly share: CacheShare
  readonly byDefault: boolean
  /** Absent where only answers to the very same request are given. */
  readonly semantic: SemanticCacheConfig | undefined
}

/** When the answer to a question will do for one like it. */
export interface SemanticCacheConfig {
  /** A model's or a route's name. */
  readonly model: string
  /** Cosine of the questions' embeddings, at the least. */
  readonly threshold: number
  /** Default: as for answers to the same request. */
  readonly share: CacheShare | undefined
  readonly byDefault: boolean
  readonly maxTemperature: number
  /** In a process. */
  readonly maxVectors: number
  /** Milliseconds that a caller may wait for an embedding. */
  readonly timeout: number
}

/** The memory of each process, the gateway's database, or Redis. */
export type CacheStore = 'memory' | 'database' | 'redis'

/** Whose answers a caller may be given. */
export type CacheShare = 'key' | 'workspace' | 'organisation' | 'all'

/** Who judges texts where a provider has no moderations of its own. */
export interface ModerationConfig {
  /** A model's or a route's name. */
  readonly model: string
  /** What a chat model looks for: names, and what falls into each. */
  readonly categories: ModerationCategories
}

/** What is kept for callers of the Responses API. */
export interface ResponsesConfig {
  /** Keep answers, so that callers may go on from them by `previous_response_id`. */
  readonly store: boolean
  /** Milliseconds that an answer is kept after the last one that goes on from it. */
  readonly ttl: number
  /** Of all that is kept; beyond it the oldest goes. */
  readonly maxBytes: number
}

/** A provider as this installation uses it: a preset with its own settings laid over it. */
export interface ConfiguredProvider {
  /** The name it has in config, unique: `groq`, `lab`. */
  readonly id: string
  readonly name: string
  /** The preset that it is, or the generic one. */
  readonly preset: Provider
  readonly baseUrl: string
  readonly apiKey: Secret | undefined
  /** Further keys, over which calls are spread too. */
  readonly moreKeys?: readonly Secret[]
  readonly auth: AuthScheme
  /** Where there is no key but credentials that each call is signed, or a token fetched, with. */
  readonly identity?: Identity
  /** The preset's and the user's, the user's winning; names in lower case. Values may be secret. */
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds to the answer's head, and between two chunks of it. */
  readonly timeout: number
  readonly maxRetries: number
  readonly defaultModel: string | undefined
}

/** An entry of `models:` in config. */
export interface ModelConfig {
  /** `provider/model`. */
  readonly id: string
  readonly name: string | undefined
  readonly aliases: readonly string[]
  /** Tokens. */
  readonly contextWindow: number | undefined
  readonly maxOutput: number | undefined
  readonly capabilities: readonly string[]
  readonly price: ModelPrice | undefined
}

/** An entry of `routes:` in config: a name that stands for several targets. */
export interface RouteConfig {
  readonly name: string
  /** A strategy's name. */
  readonly strategy: string
  readonly strategyOptions: Readonly<Record<string, unknown>>
  readonly targets: readonly RouteTargetConfig[]
  /** Absent: that of each provider. */
  readonly maxRetries: number | undefined
  /** Milliseconds until an answer begins; 0 for no limit. */
  readonly timeout: number
  readonly onError: ErrorActions
  /** Names of models or routes, in order. */
  readonly fallbacks: Readonly<Partial<Record<FallbackReason, readonly string[]>>>
  readonly hedge: HedgePolicy | undefined
  readonly continuation: boolean
}

/** One of a route's targets. */
export interface RouteTargetConfig {
  /** A model's name, or another route's. */
  readonly model: string
  readonly weight: number
  /** Lower goes first. */
  readonly priority: number
  /** What a request must fulfil. */
  readonly when: Condition | undefined
  /** Calls that may be under way at it, by whatever name it is called. */
  readonly maxConcurrent: number | undefined
}

/** `health:` in config: what the gateway asks providers besides its traffic. */
export interface HealthConfig {
  /** Milliseconds between two questions to a provider; 0: none is asked. */
  readonly probeInterval: number
  /** Also ask providers of routes that had no traffic since the last time. */
  readonly probeIdle: boolean
}

/** `alerts:` in config: who is told when something is wrong. */
export interface AlertConfig {
  /** May hold a token. */
  readonly url: Secret
  readonly format: 'json' | 'slack'
  readonly events: readonly AlertEvent[]
  /** Milliseconds until the same is told of the same again. */
  readonly minInterval: number
}

/** What an alert may tell of. */
export type AlertEvent =
  | 'provider.unhealthy'
  | 'provider.degraded'
  | 'target.circuit_opened'
  | 'ledger.failing'
  | 'ledger.full'
  | 'limits.store_lost'
  | 'budget.threshold'
  | 'budget.exceeded'

/** `routing:` in config: what holds for all routes together. */
export interface RoutingConfig {
  /** Repeated calls for each request, on average, at most. */
  readonly retryShare: number
  /** Calls that may be repeated in a minute however little traffic there is. */
  readonly retryReserve: number
  /** Absent: none is ever taken for broken. */
  readonly breaker: BreakerOptions | undefined
  /** Absent: none is ever held against its own past. */
  readonly degradation: DegradationOptions | undefined
  readonly queue: Omit<ConcurrencyOptions, 'most'>
}
