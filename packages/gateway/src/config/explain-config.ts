import type { Config, ConfiguredProvider, OidcConfig } from 'sluice'
import { explainRouting } from './explain-routing.ts'
import { explainRules } from './explain-rules.ts'

export interface ExplainedSetting {
  /** `providers.groq.base_url` */
  readonly path: string
  /** For people; a secret shows as `[secret]`. `undefined` where the setting has no value. */
  readonly value: string | number | boolean | undefined
  /** `default`, `preset groq`, `environment variable PORT`, `sluice.yaml:12`, `flag --port`, `not set`. */
  readonly origin: string
}

/** Every setting of a configuration with its value and where that came from. */
export function explainConfig(config: Config, origins: ReadonlyMap<string, string>): readonly ExplainedSetting[] {
  const { server } = config
  const keys = server.keys.length === 0 ? 'none' : server.keys.map(String).join(', ')
  const settings: (readonly [path: string, value: ExplainedSetting['value']])[] = [
    ['server.host', server.host],
    ['server.port', server.port],
    ['server.workers', server.workers],
    ['server.keys', keys],
    ['server.admin_key', server.adminKey?.toString()],
    ['server.managed_keys', server.managedKeys],
    ['server.key_pepper', server.keyPepper?.toString()],
    ['server.master_keys', server.masterKeys.map(String).join(', ') || 'none'],
    ['server.public_url', server.publicUrl],
    ...(server.oidc === undefined ? [] : explainOidc(server.oidc)),
    ['server.session_lifetime', server.sessionLifetime / 1000],
    ['server.session_idle_timeout', server.sessionIdleTimeout / 1000],
    ['server.trusted_proxies', server.trustedProxies.join(', ') || 'none'],
    ['server.insecure', server.insecure],
    ['server.cors.origins', server.cors && [server.cors.origins].flat().join(', ')],
    ['server.cors.headers', server.cors && (server.cors.headers.join(', ') || 'none')],
    ['server.cors.max_age', server.cors?.maxAge],
    ['server.outbound.allow', server.outbound.allow.join(', ') || 'none'],
    ['server.outbound.http', server.outbound.http],
    ['server.outbound.ports', server.outbound.ports.join(', ')],
    ['server.data_dir', server.dataDir],
    ['server.database_url', server.databaseUrl?.toString()],
    ['server.database_connections', server.databaseConnections],
    ['server.database_migrate', server.databaseMigrate],
    ['server.redis_url', server.redisUrl?.toString()],
    ['server.poll_interval', server.pollInterval / 1000],
    ['server.max_body_bytes', server.maxBodyBytes],
    ['server.request_timeout', server.requestTimeout / 1000],
    ['server.drain_timeout', server.drainTimeout / 1000],
    ['server.fast_path', server.fastPath],
    ['server.find_local_servers', server.findLocalServers],
    ['server.overrides', server.overrides],
    ['responses.store', config.responses.store],
    ['responses.ttl', config.responses.ttl / 1000],
    ['responses.max_bytes', config.responses.maxBytes],
    ['batches.concurrency', config.batches.concurrency],
    ['batches.max_file_bytes', config.batches.maxFileBytes],
    ['ledger.enabled', config.ledger.enabled],
    ['ledger.max_journal_bytes', config.ledger.maxJournalBytes],
    ['ledger.when_full', config.ledger.whenFull],
    ['ledger.keep_records', config.ledger.keepRecords / 1000],
    ['ledger.keep_sums', config.ledger.keepSums / 1000],
    ...explainRules(config),
    ...explainRouting(config),
    ['log_level', config.logLevel],
    ['default_provider', config.defaultProvider],
    ...config.providers.flatMap(explainProvider),
    ...config.models.map((model, index): [string, string] => [
      `models[${index}]`,
      [model.id, ...model.aliases].join(', '),
    ]),
  ]
  return settings.map(([path, value]) => ({
    path,
    value,
    origin: origins.get(path) ?? (value === undefined ? 'not set' : 'default'),
  }))
}

function explainOidc(oidc: OidcConfig): [string, ExplainedSetting['value']][] {
  const prefix = 'server.oidc'
  return [
    [`${prefix}.issuer`, oidc.issuer],
    [`${prefix}.client_id`, oidc.clientId],
    [`${prefix}.client_secret`, oidc.clientSecret?.toString()],
    [`${prefix}.scopes`, oidc.scopes.join(', ')],
    [`${prefix}.role_claim`, oidc.roleClaim],
    [`${prefix}.roles`, oidc.roles.map(({ value, role }) => `${value}: ${role}`).join(', ') || 'none'],
    [`${prefix}.default_role`, oidc.defaultRole],
    [`${prefix}.default_organisation`, oidc.defaultOrganisation],
    [`${prefix}.email_domains`, oidc.emailDomains?.join(', ')],
    [`${prefix}.trust_email`, oidc.trustEmail],
    [`${prefix}.clock_tolerance`, oidc.clockTolerance / 1000],
  ]
}

function explainProvider(provider: ConfiguredProvider): [string, ExplainedSetting['value']][] {
  const prefix = `providers.${provider.id}`
  return [
    [`${prefix}.name`, provider.name],
    [`${prefix}.type`, provider.preset.id],
    [`${prefix}.base_url`, provider.baseUrl],
    [`${prefix}.api_key`, provider.apiKey?.toString()],
    // A header may carry a key as well as a team's name, so none is shown.
    ...Object.keys(provider.headers).map((name): [string, string] => [`${prefix}.headers.${name}`, '[secret]']),
    [`${prefix}.timeout`, provider.timeout / 1000],
    [`${prefix}.max_retries`, provider.maxRetries],
    [`${prefix}.default_model`, provider.defaultModel],
  ]
}
