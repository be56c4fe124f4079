import type { Provider } from '../provider-kit/provider.ts'

/** Id of the provider that is whatever speaks OpenAI at a base URL: `type: openai_compatible`. */
export const genericProvider = 'openai-compatible'

/** How a variable's text is read. */
type VariableKind =
  | 'text'
  | 'secret'
  | 'secrets'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'headers'
  | 'log-level'
  | 'workers'

/** A variable that sets an option. */
export interface EnvironmentVariable {
  readonly name: string
  /** The option that it sets: `server.port`, `providers.groq.api_key`. */
  readonly option: string
  readonly kind: VariableKind
  readonly meaning: string
}

/** Of two that set the same option, the one that stands first wins. All of them win over a config file. */
export const gatewayVariables: readonly EnvironmentVariable[] = [
  { name: 'SLUICE_HOST', option: 'server.host', kind: 'text', meaning: 'Address to listen on.' },
  { name: 'SLUICE_PORT', option: 'server.port', kind: 'integer', meaning: 'Port to listen on.' },
  { name: 'PORT', option: 'server.port', kind: 'integer', meaning: 'Port to listen on, as hosting platforms say it.' },
  {
    name: 'SLUICE_WORKERS',
    option: 'server.workers',
    kind: 'workers',
    meaning: 'Processes that share the port, or `auto`: one for each processor.',
  },
  { name: 'SLUICE_KEYS', option: 'server.keys', kind: 'secrets', meaning: "Callers' keys, separated by commas." },
  { name: 'SLUICE_ADMIN_KEY', option: 'server.admin_key', kind: 'secret', meaning: 'A key that may do everything.' },
  {
    name: 'SLUICE_MANAGED_KEYS',
    option: 'server.managed_keys',
    kind: 'boolean',
    meaning: 'Callers need keys, also as long as there are none.',
  },
  {
    name: 'SLUICE_KEY_PEPPER',
    option: 'server.key_pepper',
    kind: 'secret',
    meaning: 'What managed keys are hashed with, of at least 32 characters.',
  },
  {
    name: 'SLUICE_MASTER_KEY',
    option: 'server.master_keys',
    kind: 'secrets',
    meaning: "What sites' keys of providers are encrypted by, of at least 32 characters; former ones after a comma.",
  },
  {
    name: 'SLUICE_PUBLIC_URL',
    option: 'server.public_url',
    kind: 'text',
    meaning: 'Where browsers find the gateway: `https://gateway.example.com`.',
  },
  {
    name: 'SLUICE_OIDC_CLIENT_SECRET',
    option: 'server.oidc.client_secret',
    kind: 'secret',
    meaning: 'What the gateway shows to the identity provider by which people sign in.',
  },
  { name: 'SLUICE_DATA_DIR', option: 'server.data_dir', kind: 'text', meaning: 'Folder for what the gateway keeps.' },
  {
    name: 'SLUICE_DATABASE_URL',
    option: 'server.database_url',
    kind: 'secret',
    meaning: 'PostgreSQL in place of SQLite in the data folder.',
  },
  {
    name: 'DATABASE_URL',
    option: 'server.database_url',
    kind: 'secret',
    meaning: 'PostgreSQL, as hosting platforms say it.',
  },
  {
    name: 'SLUICE_DATABASE_MIGRATE',
    option: 'server.database_migrate',
    kind: 'boolean',
    meaning: "Bring the database's schema up to date when it is opened.",
  },
  {
    name: 'SLUICE_REDIS_URL',
    option: 'server.redis_url',
    kind: 'secret',
    meaning: 'Redis or Valkey, for what several gateways count together.',
  },
  {
    name: 'REDIS_URL',
    option: 'server.redis_url',
    kind: 'secret',
    meaning: 'Redis or Valkey, as hosting platforms say it.',
  },
  { name: 'SLUICE_FAST_PATH', option: 'server.fast_path', kind: 'boolean', meaning: 'Edit passing requests in place.' },
  {
    name: 'SLUICE_FIND_LOCAL_SERVERS',
    option: 'server.find_local_servers',
    kind: 'boolean',
    meaning: 'Use local model servers that are found at the start.',
  },
  { name: 'LOG_LEVEL', option: 'log_level', kind: 'log-level', meaning: 'How much is logged; any case.' },
]

/** Where the config file is. Read before all else, so no option of the file itself. */
export const configFileVariable = 'SLUICE_CONFIG'

/** They choose the default provider; the first that is set wins, and `default_provider` in a config file over both. */
export const preferenceVariables: readonly (EnvironmentVariable & { readonly genericFirst?: true })[] = [
  {
    name: 'PREFERRED_PROVIDER',
    option: 'default_provider',
    kind: 'text',
    genericFirst: true,
    meaning: 'Id of a provider. `openrouter` means `openai_compatible`, where that is configured.',
  },
  {
    name: 'AI_PROVIDER',
    option: 'default_provider',
    kind: 'text',
    meaning: 'Id of a provider, or `auto`: OpenRouter, else OpenAI, else Anthropic, else the first found.',
  },
]

/** What `auto` takes first. */
export const automaticOrder: readonly string[] = ['openrouter', 'openai', 'anthropic']

/** Settings of the provider `openai-compatible`. A config file wins over them. */
export const genericVariables: readonly EnvironmentVariable[] = [
  { name: 'ENABLED', kind: 'boolean', key: 'enabled', meaning: '`false` switches it off.' },
  { name: 'API_KEY', kind: 'secret', key: 'api_key', meaning: 'Key for the provider.' },
  { name: 'BASE_URL', kind: 'text', key: 'base_url', meaning: 'Where the provider is. Default: OpenRouter.' },
  { name: 'API_BASE', kind: 'text', key: 'base_url', meaning: 'Another name of `OPENAI_COMPATIBLE_BASE_URL`.' },
  { name: 'DEFAULT_MODEL', kind: 'text', key: 'default_model', meaning: 'Model used when a caller names none.' },
  {
    name: 'PROVIDER_NAME',
    kind: 'text',
    key: 'name',
    meaning: 'Display name. Default: told by the host of the base URL.',
  },
  {
    name: 'CUSTOM_HEADERS',
    kind: 'headers',
    key: 'headers',
    meaning: 'Headers for every call: a JSON object as text.',
  },
  { name: 'TIMEOUT', kind: 'number', key: 'timeout', meaning: "Seconds to the answer's head, and between two chunks." },
  { name: 'MAX_RETRIES', kind: 'integer', key: 'max_retries', meaning: 'How often a failed call is tried again.' },
].map(({ name, key, kind, meaning }) => ({
  name: `OPENAI_COMPATIBLE_${name}`,
  option: `providers.${genericProvider}.${key}`,
  kind: kind as VariableKind,
  meaning,
}))

/** The variables that configure a preset, in order of precedence. A config file wins over them. */
export function presetVariables(preset: Provider): readonly EnvironmentVariable[] {
  const { env } = preset
  const row =
    (kind: VariableKind, option: string, meaning: string) =>
    (name: string): EnvironmentVariable => ({ name, option: `providers.${preset.id}.${option}`, kind, meaning })
  return [
    ...(env?.apiKey ?? []).map(row('secret', 'api_key', `Key for ${preset.name}.`)),
    ...(env?.baseUrl ?? []).map(row('text', 'base_url', `Where ${preset.name} is.`)),
    ...(env?.defaultModel ?? []).map(row('text', 'default_model', 'Model used when a caller names none.')),
    ...Object.entries(env?.headers ?? {}).map(([header, name]) =>
      row('text', `headers.${header.toLowerCase()}`, `Sent to ${preset.name} as \`${header}\`.`)(name),
    ),
    ...Object.entries(env?.settings ?? {}).flatMap(([setting, names]) =>
      names.map(row('text', `settings.${setting}`, `Part of ${preset.name}'s base URL.`)),
    ),
    ...Object.entries(env?.credentials ?? {}).flatMap(([credential, names]) =>
      names.map(row('secret', `credentials.${credential}`, `Credential for ${preset.name}, in place of a key.`)),
    ),
  ]
}

/** Every variable that Sluice reads with these presets, except `SLUICE_CONFIG` and those that a config file refers to. */
export function environmentVariables(presets: readonly Provider[]): readonly EnvironmentVariable[] {
  const ofPresets = presets.filter((preset) => preset.generic !== true).flatMap(presetVariables)
  return [...gatewayVariables, ...preferenceVariables, ...genericVariables, ...ofPresets]
}
