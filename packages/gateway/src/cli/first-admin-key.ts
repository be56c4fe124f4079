import type { Secret } from 'sluice'
import type { Gateway } from '../compose.ts'

/** Where config asks for managed keys and there were never any. */
export async function firstAdminKey({ access, config }: Gateway): Promise<Secret | undefined> {
  if (!config.server.managedKeys || config.server.adminKey !== undefined) return undefined
  const { makeFirstAdminKey } = await import('../access/first-admin-key.ts')
  return makeFirstAdminKey(await access.open(), Date.now())
}
