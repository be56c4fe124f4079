import { Secret } from '../provider-kit/secret.ts'
import type { ServerConfig } from './config.ts'
import type { ConfigFlags } from './config-flags.ts'
import { buildCors } from './cors-schema.ts'
import type { GatewayEnvironment } from './environment.ts'
import { buildOidc } from './oidc-schema.ts'
import { buildOutbound } from './outbound-schema.ts'
import type { ConfigSettings } from './schema.ts'
import { firstOf, flagOf, written } from './settings.ts'
import type { Origin, Sourced } from './sourced.ts'

export function buildServer(
  settings: ConfigSettings,
  gateway: GatewayEnvironment,
  flags: ConfigFlags,
  origin: Origin,
  origins: Map<string, string>,
): ServerConfig {
  const server = settings.server ?? {}
  const inFile = <T>(key: string, value: T | undefined): Sourced<T> | undefined =>
    written(value, ['server', key], origin)
  const keys = firstOf('server.keys', origins, [gateway.keys, inFile('keys', server.keys)], [])
  const seconds = (key: string, value: number | undefined, fallback: number): number =>
    Math.round(firstOf(`server.${key}`, origins, [inFile(key, value)], fallback) * 1000)
  return Object.freeze({
    host: firstOf(
      'server.host',
      origins,
      [flagOf(flags.host, 'host'), gateway.host, inFile('host', server.host)],
      '127.0.0.1',
    ),
    port: firstOf(
      'server.port',
      origins,
      [flagOf(flags.port, 'port'), gateway.port, inFile('port', server.port)],
      8090,
    ),
    workers: firstOf<number | 'auto'>(
      'server.workers',
      origins,
      [flagOf(flags.workers, 'workers'), gateway.workers, inFile('workers', server.workers)],
      1,
    ),
    keys: Object.freeze(keys.map((key) => new Secret(key))),
    adminKey: secret(
      firstOf<string | undefined>(
        'server.admin_key',
        origins,
        [gateway.adminKey, inFile('admin_key', server.admin_key)],
        undefined,
      ),
    ),
    managedKeys: firstOf(
      'server.managed_keys',
      origins,
      [gateway.managedKeys, inFile('managed_keys', server.managed_keys)],
      false,
    ),
    keyPepper: secret(
      firstOf<string | undefined>(
        'server.key_pepper',
        origins,
        [gateway.keyPepper, inFile('key_pepper', server.key_pepper)],
        undefined,
      ),
    ),
    masterKeys: Object.freeze(
      firstOf<readonly string[]>(
        'server.master_keys',
        origins,
        [gateway.masterKeys, inFile('master_keys', server.master_keys)],
        [],
      ).map((key) => new Secret(key)),
    ),
    publicUrl: originOf(
      firstOf<string | undefined>(
        'server.public_url',
        origins,
        [gateway.publicUrl, inFile('public_url', server.public_url)],
        undefined,
      ),
    ),
    oidc: buildOidc(server.oidc, gateway.oidcClientSecret, origin, origins),
    sessionLifetime: seconds('session_lifetime', server.session_lifetime, 12 * 60 * 60),
    sessionIdleTimeout: seconds('session_idle_timeout', server.session_idle_timeout, 60 * 60),
    trustedProxies: firstOf('server.trusted_proxies', origins, [inFile('trusted_proxies', server.trusted_proxies)], []),
    outbound: buildOutbound(server.outbound, origin, origins),
    insecure: firstOf(
      'server.insecure',
      origins,
      [flagOf(flags.insecure, 'insecure'), inFile('insecure', server.insecure)],
      false,
    ),
    dataDir: firstOf('server.data_dir', origins, [gateway.dataDir, inFile('data_dir', server.data_dir)], '.sluice'),
    databaseUrl: secret(
      firstOf<string | undefined>(
        'server.database_url',
        origins,
        [gateway.databaseUrl, inFile('database_url', server.database_url)],
        undefined,
      ),
    ),
    databaseConnections: firstOf(
      'server.database_connections',
      origins,
      [inFile('database_connections', server.database_connections)],
      10,
    ),
    databaseMigrate: firstOf(
      'server.database_migrate',
      origins,
      [gateway.databaseMigrate, inFile('database_migrate', server.database_migrate)],
      true,
    ),
    redisUrl: secret(
      firstOf<string | undefined>(
        'server.redis_url',
        origins,
        [gateway.redisUrl, inFile('redis_url', server.redis_url)],
        undefined,
      ),
    ),
    pollInterval: seconds('poll_interval', server.poll_interval, 0.5),
    maxBodyBytes: firstOf(
      'server.max_body_bytes',
      origins,
      [inFile('max_body_bytes', server.max_body_bytes)],
      32 * 1024 * 1024,
    ),
    requestTimeout: seconds('request_timeout', server.request_timeout, 60),
    drainTimeout: seconds('drain_timeout', server.drain_timeout, 30),
    fastPath: firstOf('server.fast_path', origins, [gateway.fastPath, inFile('fast_path', server.fast_path)], true),
    findLocalServers: firstOf(
      'server.find_local_servers',
      origins,
      [gateway.findLocalServers, inFile('find_local_servers', server.find_local_servers)],
      true,
    ),
    overrides: firstOf('server.overrides', origins, [inFile('overrides', server.overrides)], true),
    cors: buildCors(server.cors, origin, origins),
  })
}

/** Without the slash that may end it. */
function originOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : new URL(url).origin
}

function secret(value: string | undefined): Secret | undefined {
  return value === undefined ? undefined : new Secret(value)
}
