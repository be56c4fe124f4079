import type { Provider } from '../provider-kit/provider.ts'
import { completeLocalUrl } from './base-url.ts'
import type { LogLevel } from './config.ts'
import type { ConfigProblem } from './config-problem.ts'
import {
  type EnvironmentVariable,
  gatewayVariables,
  genericProvider,
  genericVariables,
  preferenceVariables,
  presetVariables,
} from './environment-variables.ts'
import type { Environment } from './interpolate.ts'
import { originSchema } from './oidc-schema.ts'
import { mostWorkers, readBoolean, readNumber } from './scalars.ts'
import type { ProviderLayer, Sourced } from './sourced.ts'

/** What variables that concern the gateway say, by option. */
export interface GatewayEnvironment {
  readonly host: Sourced<string> | undefined
  readonly port: Sourced<number> | undefined
  readonly workers: Sourced<number | 'auto'> | undefined
  readonly keys: Sourced<readonly string[]> | undefined
  readonly adminKey: Sourced<string> | undefined
  readonly managedKeys: Sourced<boolean> | undefined
  readonly keyPepper: Sourced<string> | undefined
  readonly masterKeys: Sourced<readonly string[]> | undefined
  readonly publicUrl: Sourced<string> | undefined
  readonly oidcClientSecret: Sourced<string> | undefined
  readonly dataDir: Sourced<string> | undefined
  readonly databaseUrl: Sourced<string> | undefined
  readonly databaseMigrate: Sourced<boolean> | undefined
  readonly redisUrl: Sourced<string> | undefined
  readonly fastPath: Sourced<boolean> | undefined
  readonly findLocalServers: Sourced<boolean> | undefined
  readonly logLevel: Sourced<LogLevel> | undefined
}

export type Report = (problem: ConfigProblem) => void

export function readGatewayEnvironment(environment: Environment, report: Report): GatewayEnvironment {
  const values = readVariables(gatewayVariables, environment, report)
  return {
    host: values.get('server.host') as Sourced<string> | undefined,
    port: values.get('server.port') as Sourced<number> | undefined,
    workers: values.get('server.workers') as Sourced<number | 'auto'> | undefined,
    keys: values.get('server.keys') as Sourced<readonly string[]> | undefined,
    adminKey: values.get('server.admin_key') as Sourced<string> | undefined,
    managedKeys: values.get('server.managed_keys') as Sourced<boolean> | undefined,
    masterKeys: values.get('server.master_keys') as Sourced<readonly string[]> | undefined,
    keyPepper: values.get('server.key_pepper') as Sourced<string> | undefined,
    publicUrl: values.get('server.public_url') as Sourced<string> | undefined,
    oidcClientSecret: values.get('server.oidc.client_secret') as Sourced<string> | undefined,
    dataDir: values.get('server.data_dir') as Sourced<string> | undefined,
    databaseUrl: values.get('server.database_url') as Sourced<string> | undefined,
    databaseMigrate: values.get('server.database_migrate') as Sourced<boolean> | undefined,
    redisUrl: values.get('server.redis_url') as Sourced<string> | undefined,
    fastPath: values.get('server.fast_path') as Sourced<boolean> | undefined,
    findLocalServers: values.get('server.find_local_servers') as Sourced<boolean> | undefined,
    logLevel: values.get('log_level') as Sourced<LogLevel> | undefined,
  }
}

/** The name of the provider that the environment prefers, as it was written. */
export interface Preference extends Sourced<string> {
  /** The generic provider is meant by the name of the one that its default base URL belongs to. */
  readonly genericFirst: boolean
}

export function readPreference(environment: Environment): Preference | undefined {
  const row = preferenceVariables.find(({ name }) => isSet(environment[name]))
  if (row === undefined) return undefined
  return {
    value: environment[row.name]?.trim() ?? '',
    origin: originOf(row.name),
    genericFirst: row.genericFirst === true,
  }
}

/** What `OPENAI_COMPATIBLE_*` says. */
export interface GenericEnvironment {
  readonly enabled: boolean | undefined
  readonly layer: ProviderLayer
  /** The variables that are set. */
  readonly variables: readonly string[]
}

export function readGenericEnvironment(environment: Environment, report: Report): GenericEnvironment {
  const values = readVariables(genericVariables, environment, report)
  const enabled = values.get(`providers.${genericProvider}.enabled`) as Sourced<boolean> | undefined
  return {
    enabled: enabled?.value,
    layer: layerOf(genericProvider, values),
    variables: genericVariables.map(({ name }) => name).filter((name) => isSet(environment[name])),
  }
}

/** What a preset's own variables say, or `undefined` when none of them is set. */
export function readPresetEnvironment(
  preset: Provider,
  environment: Environment,
  report: Report,
): ProviderLayer | undefined {
  const values = readVariables(presetVariables(preset), environment, report)
  if (values.size === 0) return undefined
  const layer = layerOf(preset.id, values)
  if (preset.local !== true || preset.baseUrl === undefined || layer.baseUrl === undefined) return layer
  const baseUrl = { ...layer.baseUrl, value: completeLocalUrl(layer.baseUrl.value, preset.baseUrl) }
  return { ...layer, baseUrl }
}

function layerOf(id: string, values: ReadonlyMap<string, Sourced<unknown>>): ProviderLayer {
  const prefix = `providers.${id}.`
  const group = (name: string): Record<string, Sourced<string>> =>
    Object.fromEntries(
      [...values]
        .filter(([option]) => option.startsWith(`${prefix}${name}.`))
        .map(([option, value]) => [option.slice(prefix.length + name.length + 1), value as Sourced<string>]),
    )
  const headers = values.get(`${prefix}headers`) as Sourced<Readonly<Record<string, string>>> | undefined
  const written = Object.entries(headers?.value ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    { ...headers, value },
  ])
  return {
    name: values.get(`${prefix}name`) as Sourced<string> | undefined,
    baseUrl: values.get(`${prefix}base_url`) as Sourced<string> | undefined,
    apiKey: values.get(`${prefix}api_key`) as Sourced<string> | undefined,
    headers: { ...group('headers'), ...Object.fromEntries(written) },
    timeout: values.get(`${prefix}timeout`) as Sourced<number> | undefined,
    maxRetries: values.get(`${prefix}max_retries`) as Sourced<number> | undefined,
    defaultModel: values.get(`${prefix}default_model`) as Sourced<string> | undefined,
    settings: group('settings'),
    credentials: group('credentials'),
  }
}

/** Values by option; of several variables for one option, that of the first which is set. */
function readVariables(
  rows: readonly EnvironmentVariable[],
  environment: Environment,
  report: Report,
): ReadonlyMap<string, Sourced<unknown>> {
  const values = new Map<string, Sourced<unknown>>()
  for (const row of rows) {
    const text = environment[row.name]
    if (!isSet(text) || values.has(row.option)) continue
    const read = readText(row, text.trim())
    if ('problem' in read) report({ where: originOf(row.name), path: [], message: read.problem })
    else values.set(row.option, { value: read.value, origin: originOf(row.name) })
  }
  return values
}

type Reading = { readonly value: unknown } | { readonly problem: string }

// A variable may hold a key by mistake, so what was found is not shown.
function readText(row: EnvironmentVariable, text: string): Reading {
  switch (row.kind) {
    case 'secret':
      if (row.option === 'server.key_pepper' && text.length < 32) return { problem: 'expected at least 32 characters' }
      return { value: text }
    case 'text':
      if (row.option === 'server.public_url' && !originSchema.safeParse(text).success)
        return { problem: 'expected scheme and host alone, such as https://gateway.example.com' }
      return { value: text }
    case 'secrets': {
      const value = text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '')
      if (row.option === 'server.master_keys' && value.some((item) => item.length < 32))
        return { problem: 'expected at least 32 characters' }
      return { value }
    }
    case 'boolean': {
      const value = readBoolean(text)
      return typeof value === 'boolean' ? { value } : { problem: 'expected true or false' }
    }
    case 'integer': {
      const value = readNumber(text)
      const limit = row.option === 'server.port' ? 65_535 : 100
      const fits = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= limit
      return fits ? { value } : { problem: `expected a whole number from 0 to ${limit}` }
    }
    case 'number': {
      const value = readNumber(text)
      const fits = typeof value === 'number' && value >= 0 && value <= 86_400
      return fits ? { value } : { problem: 'expected a number of seconds from 0 to 86400, such as 30' }
    }
    case 'workers': {
      const value = text === 'auto' ? text : readNumber(text)
      const fits = typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= mostWorkers
      return fits || value === 'auto' ? { value } : { problem: `expected a number from 1 to ${mostWorkers}, or auto` }
    }
    case 'headers':
      return readHeaders(text)
    case 'log-level': {
      const value = logLevels[text.toLowerCase()]
      return value === undefined ? { problem: 'expected one of trace, debug, info, warn, error, silent' } : { value }
    }
  }
}

const logLevels: Readonly<Partial<Record<string, LogLevel>>> = Object.assign(Object.create(null), {
  trace: 'trace',
  verbose: 'trace',
  debug: 'debug',
  info: 'info',
  notice: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  critical: 'error',
  fatal: 'error',
  silent: 'silent',
  off: 'silent',
  none: 'silent',
})

function readHeaders(text: string): Reading {
  const problem = 'expected a JSON object of texts, such as {"X-Team":"search"}'
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return { problem }
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return { problem }
  const entries = Object.entries(parsed)
  if (!entries.every(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))) return { problem }
  return { value: Object.fromEntries(entries.map(([name, value]) => [name, String(value)])) }
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== ''
}

function originOf(name: string): string {
  return `environment variable ${name}`
}
