import * as z from 'zod/mini'
import { readQuirk } from '../provider-kit/read-quirk.ts'
import { cacheSchema, type CacheSettings } from './cache-schema.ts'
import type { LogLevel } from './config.ts'
import { type AlertSettings, alertsSchema, type HealthSettings, healthSchema } from './health-schema.ts'
import { priceSchema, type PriceSettings } from './price-schema.ts'
import { type SignInSettings, signInShape } from './oidc-schema.ts'
import { type OutboundSettings, outboundSchema } from './outbound-schema.ts'
import { type PromptSettings, promptsSchema } from './prompt-schema.ts'
import { budgetsSchema, type BudgetsSettings } from './budgets-schema.ts'
import { corsSchema, type CorsSettings } from './cors-schema.ts'
import { ledgerSchema, type LedgerSettings } from './ledger-schema.ts'
import { limitsSchema, type LimitsSettings } from './limits-schema.ts'
import { type RouteSettings, routeSchema, type RoutingSettings, routingSchema } from './route-schema.ts'
import { boolean, decimal, integer, mostWorkers, seconds, type Shape, text } from './scalars.ts'

/**
 * What users write: YAML, JSON, or an object in code, in `snake_case`. Every value may be a reference such as
 * `${NAME}` or `${NAME:-default}` to the environment; `interpolate.ts` says how they are read.
 */
export type ConfigInput = Written<ConfigSettings>
/** One provider of a configuration, as it is written. */
export type ProviderInput = Written<ProviderSettings>

/** A text that refers to the environment: `${PORT}`. */
type Reference = `${string}\${${string}}${string}`
type Written<T> = T extends string | number | boolean
  ? T | Reference
  : T extends object
    ? { [Key in keyof T]: Written<T[Key]> }
    : T

/** `ConfigInput` after its references were replaced and its types were checked. */
export interface ConfigSettings {
  readonly server?: ServerSettings | null | undefined
  /** Id of a configured provider: the one for model names that nothing else claims. */
  readonly default_provider?: string | undefined
  /** By id. A key that is a preset's id (`groq`) needs no `type`. */
  readonly providers?: Readonly<Record<string, ProviderSettings | null>> | null | undefined
  readonly models?: readonly ModelSettings[] | null | undefined
  /** By name: names that stand for several models. */
  readonly routes?: Readonly<Record<string, RouteSettings>> | null | undefined
  readonly routing?: RoutingSettings | null | undefined
  readonly health?: HealthSettings | null | undefined
  readonly alerts?: readonly AlertSettings[] | null | undefined
  /** What `tier:fast`, `tier:balanced` and `tier:powerful` stand for. */
  readonly tiers?: Readonly<Record<string, ModelChoice>> | null | undefined
  /** What `task:simple`, `task:complex`, `task:code` and `task:research` stand for. */
  readonly tasks?: Readonly<Record<string, ModelChoice>> | null | undefined
  readonly log_level?: LogLevel | undefined
  readonly responses?: ResponsesSettings | null | undefined
  readonly batches?: BatchesSettings | null | undefined
  readonly ledger?: LedgerSettings | null | undefined
  readonly limits?: LimitsSettings | null | undefined
  readonly budgets?: BudgetsSettings | null | undefined
  /** Give answers again that were given before. Off where it is not written. */
  readonly cache?: CacheSettings | null | undefined
  readonly moderation?: ModerationSettings | null | undefined
  /** By `name` or `name@version`: templates that requests may name in place of a model. */
  readonly prompts?: Readonly<Record<string, PromptSettings>> | null | undefined
  /** A folder of further ones, relative to the config file. Read by the gateway. */
  readonly prompts_dir?: string | undefined
  /** Refuse requests of which something would be lost on the way to the provider, instead of warning. Default `false`. */
  readonly strict?: boolean | undefined
  /** Add the providers whose keys are in the environment to those written here. Default `true`. */
  readonly environment_providers?: boolean | undefined
}

interface ServerSettings extends SignInSettings {
  readonly host?: string | undefined
  readonly port?: number | undefined
  /** Processes that share the port; `auto`: one for each processor. Default 1. */
  readonly workers?: number | 'auto' | undefined
  /** Keys that callers of the gateway must send one of. */
  readonly keys?: readonly string[] | undefined
  /** A key that may do everything, by the admin API too. With it callers need keys. */
  readonly admin_key?: string | undefined
  /** Callers need keys, also as long as there are none: the first start makes an admin key and prints it. Default `false`. */
  readonly managed_keys?: boolean | undefined
  /** What managed keys are hashed with; the same for all that share a database. Default: made once, in `data_dir`. */
  readonly key_pepper?: string | undefined
  /** What keys of providers that sites bring are encrypted by: the first seals, all open. */
  readonly master_keys?: readonly string[] | undefined
  /** Addresses and ranges of proxies whose `x-forwarded-for` is believed. */
  readonly trusted_proxies?: readonly string[] | undefined
  readonly outbound?: OutboundSettings | null | undefined
  /** Listen beyond loopback without keys. */
  readonly insecure?: boolean | undefined
  readonly data_dir?: string | undefined
  /** PostgreSQL in place of SQLite in `data_dir`: `postgres://user:password@host/database`. */
  readonly database_url?: string | undefined
  /** Of each process at the most, to PostgreSQL. Default 10. */
  readonly database_connections?: number | undefined
  /** Bring the database's schema up to date when it is opened. Default `true`. */
  readonly database_migrate?: boolean | undefined
  /** Redis or Valkey, for what several gateways count together: `redis://:password@host/0`. */
  readonly redis_url?: string | undefined
  /** Seconds between looks at what other processes changed of keys; messages tell it sooner. Default 0.5. */
  readonly poll_interval?: number | undefined
  readonly max_body_bytes?: number | undefined
  /** Seconds. */
  readonly request_timeout?: number | undefined
  /** Seconds. */
  readonly drain_timeout?: number | undefined
  readonly fast_path?: boolean | undefined
  /** Use local model servers that answer on their usual ports at the start. Default `true`. */
  readonly find_local_servers?: boolean | undefined
  /** Callers may choose routes, time limits and retries of a request. Default `true`. */
  readonly overrides?: boolean | undefined
  /** Web pages of other origins that may call. Default: none. */
  readonly cors?: CorsSettings | null | undefined
}

interface ResponsesSettings {
  /** Keep answers for `previous_response_id` and `GET /v1/responses/{id}`. Default `true`. */
  readonly store?: boolean | undefined
  /** Seconds; default 30 days. */
  readonly ttl?: number | undefined
  readonly max_bytes?: number | undefined
}

interface BatchesSettings {
  /** Lines that are under way at once, of all batches together. Default 4. */
  readonly concurrency?: number | undefined
  /** Of one file. Default 512 MiB. */
  readonly max_file_bytes?: number | undefined
}

interface ModerationSettings {
  /** Who answers requests for moderation that name no model, or one of OpenAI's; a chat model is asked for its judgement. */
  readonly model: string
  /** What a chat model looks for: names, and what falls into each. Default: OpenAI's. */
  readonly categories?: Readonly<Record<string, string>> | undefined
}

export interface ProviderOptions {
  readonly name?: string | undefined
  readonly base_url?: string | undefined
  readonly api_key?: string | undefined
  /** Several keys: calls are spread over them, and one that is refused or used up rests. */
  readonly api_keys?: readonly string[] | undefined
  readonly headers?: Readonly<Record<string, string>> | null | undefined
  /** Seconds to the answer's head, and between two chunks of it; 0 means no limit. */
  readonly timeout?: number | undefined
  readonly max_retries?: number | undefined
  readonly default_model?: string | undefined
  readonly enabled?: boolean | undefined
  /** Model ids listed when the provider cannot be asked. */
  readonly models?: readonly string[] | undefined
  readonly auth?: AuthSettings | undefined
  /** Dialects, in order of preference. */
  readonly speaks?: readonly SpeaksSettings[] | undefined
  /** How what it takes differs from what its dialect says, in place of the preset's: `drop:seed`. */
  readonly quirks?: readonly string[] | undefined
  /** Where the list of models is, below the base URL; `null` when there is none. */
  readonly models_path?: string | null | undefined
  readonly health_path?: string | undefined
  readonly model_prefix?: string | undefined
  readonly model_namespace?: string | undefined
  readonly vendor_prefixed?: boolean | undefined
  readonly owns?: readonly string[] | undefined
  /** Values for the `{placeholders}` of the base URL. */
  readonly settings?: Readonly<Record<string, string>> | undefined
  /** In place of a key, for providers that sign calls or give tokens: `access_key_id`, `service_account`, … */
  readonly credentials?: Readonly<Record<string, string>> | undefined
}

export type SpeaksSettings =
  | string
  | {
      readonly dialect: string
      readonly path?: string | undefined
      readonly stream_path?: string | undefined
      readonly models?: readonly string[] | undefined
    }

export interface ProviderSettings extends ProviderOptions {
  /** A preset's id, or `openai_compatible`. */
  readonly type?: string | undefined
  /** The nested form: `{ type: openai_compatible, config: { provider: together, api_key: … } }`. */
  readonly config?: (ProviderOptions & { readonly provider?: string | undefined }) | null | undefined
}

export type AuthSettings =
  | 'bearer'
  | 'none'
  | { readonly type: 'header'; readonly name: string; readonly prefix?: string | undefined }
  | { readonly type: 'query'; readonly name: string }
  | { readonly type: 'aws_sigv4'; readonly service: string }
  | { readonly type: 'google'; readonly scope: string }
  | { readonly type: 'client_credentials'; readonly token_url: string; readonly scope: string }

export interface ModelSettings {
  /** `provider/model`. */
  readonly id: string
  readonly name?: string | undefined
  readonly aliases?: readonly string[] | undefined
  /** Tokens. */
  readonly context_window?: number | undefined
  /** Tokens. */
  readonly max_output?: number | undefined
  readonly capabilities?: readonly string[] | undefined
  readonly price?: PriceSettings | undefined
}

/** A model's name, or several of which the first that can be reached is taken. */
export type ModelChoice = string | readonly string[]

const path = () => z.string().check(z.regex(/^(?:\.\.)?\//, 'expected a path that starts with / or ../'))
const headerValue = () => z.pipe(z.transform(readHeaderValue), z.string())
const identifier = () =>
  z
    .string()
    .check(
      z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a provider id has letters, digits, ".", "_" and "-", at most 64'),
    )

const addressRange = () =>
  z.string().check(z.regex(/^[\da-f.:]+(?:\/\d{1,3})?$/i, 'expected an address or a range of them, such as 10.0.0.0/8'))

const postgresUrl = () =>
  z.string().check(z.regex(/^postgres(?:ql)?:\/\/./, 'expected postgres://user:password@host/database'))
const redisUrl = () => z.string().check(z.regex(/^rediss?:\/\/./, 'expected redis://:password@host/0'))

const serverSchema = () =>
  z.strictObject({
    host: z.optional(text),
    port: z.optional(integer(0, 65_535)),
    workers: z.optional(z.union([z.literal('auto'), integer(1, mostWorkers)])),
    keys: z.optional(z.array(text)),
    admin_key: z.optional(text),
    managed_keys: z.optional(boolean),
    key_pepper: z.optional(z.string().check(z.minLength(32, 'expected at least 32 characters'))),
    master_keys: z.optional(z.array(z.string().check(z.minLength(32, 'expected at least 32 characters')))),
    ...signInShape(),
    trusted_proxies: z.optional(z.array(addressRange())),
    outbound: z.nullish(outboundSchema()),
    insecure: z.optional(boolean),
    data_dir: z.optional(text),
    database_url: z.optional(postgresUrl()),
    database_connections: z.optional(integer(1, 1_000)),
    database_migrate: z.optional(boolean),
    redis_url: z.optional(redisUrl()),
    poll_interval: z.optional(decimal(0.05, 3_600)),
    max_body_bytes: z.optional(integer(1)),
    request_timeout: z.optional(seconds),
    drain_timeout: z.optional(seconds),
    fast_path: z.optional(boolean),
    find_local_servers: z.optional(boolean),
    overrides: z.optional(boolean),
    cors: z.nullish(corsSchema()),
  } satisfies Shape<ServerSettings>)

const responsesSchema = () =>
  z.strictObject({
    store: z.optional(boolean),
    ttl: z.optional(integer(1, 3_153_600_000)),
    max_bytes: z.optional(integer(1)),
  } satisfies Shape<ResponsesSettings>)

const batchesSchema = () =>
  z.strictObject({
    concurrency: z.optional(integer(1, 1_000)),
    max_file_bytes: z.optional(integer(1)),
  } satisfies Shape<BatchesSettings>)

const moderationSchema = () =>
  z.strictObject({
    model: text,
    categories: z.optional(z.record(text, text)),
  } satisfies Shape<ModerationSettings>)

const authSchema = () =>
  z.union([
    z.enum(['bearer', 'none']),
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('header'), name: text, prefix: z.optional(z.string()) }),
      z.strictObject({ type: z.literal('query'), name: text }),
      z.strictObject({ type: z.literal('aws_sigv4'), service: text }),
      z.strictObject({ type: z.literal('google'), scope: text }),
      z.strictObject({ type: z.literal('client_credentials'), token_url: text, scope: text }),
    ]),
  ])

const speaksSchema = () =>
  z.strictObject({
    dialect: text,
    path: z.optional(path()),
    stream_path: z.optional(path()),
    models: z.optional(z.array(text)),
  })
const quirk = () =>
  z
    .string()
    .check(
      z.refine((name) => readQuirk(name) !== undefined, 'no quirk of this name is known; docs/providers.md lists them'),
    )

const providerOptions = () =>
  ({
    name: z.optional(text),
    base_url: z.optional(text),
    api_key: z.optional(z.string()),
    api_keys: z.optional(z.array(text).check(z.minLength(1))),
    headers: z.nullish(z.record(z.string(), headerValue())),
    timeout: z.optional(seconds),
    max_retries: z.optional(integer(0, 100)),
    default_model: z.optional(text),
    enabled: z.optional(boolean),
    models: z.optional(z.array(text)),
    auth: z.optional(authSchema()),
    speaks: z.optional(z.array(z.union([text, speaksSchema()])).check(z.minLength(1))),
    quirks: z.optional(z.array(quirk())),
    models_path: z.nullish(path()),
    health_path: z.optional(path()),
    model_prefix: z.optional(text),
    model_namespace: z.optional(text),
    vendor_prefixed: z.optional(boolean),
    owns: z.optional(z.array(text)),
    settings: z.optional(z.record(z.string(), headerValue())),
    credentials: z.optional(z.record(z.string(), z.string())),
  }) satisfies Shape<ProviderOptions>

function providerSchema(): z.ZodMiniType<ProviderSettings> {
  const options = providerOptions()
  return z.strictObject({
    type: z.optional(text),
    ...options,
    config: z.nullish(z.strictObject({ provider: z.optional(text), ...options })),
  } satisfies Shape<ProviderSettings>)
}

const modelChoices = () => z.record(identifier(), z.union([text, z.array(text).check(z.minLength(1))]))

const modelSchema = () =>
  z.strictObject({
    id: z.string().check(z.regex(/^[^/\s]+\/\S+$/, 'expected provider/model')),
    name: z.optional(text),
    aliases: z.optional(z.array(text)),
    context_window: z.optional(integer(1)),
    max_output: z.optional(integer(1)),
    capabilities: z.optional(z.array(text)),
    price: z.optional(priceSchema()),
  } satisfies Shape<ModelSettings>)

/**
 * The one schema of the configuration, for the library, the gateway and the published JSON Schema. Its parts are made
 * when the first configuration is read: a program that imports the library may never read one.
 */
export const configSchema: z.ZodMiniType<ConfigSettings> = z.lazy(() =>
  z.strictObject({
    server: z.nullish(serverSchema()),
    default_provider: z.optional(text),
    providers: z.nullish(z.record(identifier(), z.nullable(providerSchema()))),
    models: z.nullish(z.array(modelSchema())),
    routes: z.nullish(z.record(text, routeSchema())),
    routing: z.nullish(routingSchema()),
    health: z.nullish(healthSchema()),
    alerts: z.nullish(alertsSchema()),
    tiers: z.nullish(modelChoices()),
    tasks: z.nullish(modelChoices()),
    log_level: z.optional(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])),
    responses: z.nullish(responsesSchema()),
    batches: z.nullish(batchesSchema()),
    ledger: z.nullish(ledgerSchema()),
    limits: z.nullish(limitsSchema()),
    budgets: z.nullish(budgetsSchema()),
    cache: z.nullish(cacheSchema()),
    moderation: z.nullish(moderationSchema()),
    prompts: z.nullish(promptsSchema()),
    prompts_dir: z.optional(text),
    environment_providers: z.optional(boolean),
    strict: z.optional(boolean),
  } satisfies Shape<ConfigSettings>),
)

function readHeaderValue(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
}
