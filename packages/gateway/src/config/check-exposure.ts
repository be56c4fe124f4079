import type { Config, ConfigProblem } from 'sluice'
import { isLoopback } from '../server/local-only.ts'

/** What is wrong with listening as `config` says: beyond this machine without callers' keys. */
export function checkExposure(config: Config, origins: ReadonlyMap<string, string>): ConfigProblem | undefined {
  const { host, keys, adminKey, managedKeys, oidc, insecure } = config.server
  if (insecure || keys.length > 0 || adminKey || managedKeys || oidc || isLoopback(host)) return undefined
  const where = origins.get('server.host')
  return {
    ...(where === undefined ? {} : { where }),
    path: ['server', 'host'],
    message: `${host} can be reached from other machines, so callers need keys: give server.keys or SLUICE_KEYS, set server.managed_keys, or say --insecure`,
  }
}
