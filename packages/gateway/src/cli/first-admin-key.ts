import { SluiceError } from '@sluice/protocol'
import type { Logger } from 'pino'
import type { Secret } from 'sluice'
import type { Gateway } from '../compose.ts'

/** Where config asks for managed keys and there were never any. Whatever else it rejects with closes the gateway. */
export async function firstAdminKey(gateway: Gateway, logger: Logger): Promise<Secret | undefined> {
  const { access, config } = gateway
  if (!config.server.managedKeys || config.server.adminKey !== undefined) return undefined
  try {
    const { makeFirstAdminKey } = await import('../access/first-admin-key.ts')
    return await makeFirstAdminKey(await access.open(), Date.now())
  } catch (error) {
    const { databaseUrl } = config.server
    // One that is away comes back, and then there mostly is a key already.
    if (databaseUrl !== undefined && error instanceof SluiceError && error.code === 'store_unavailable') {
      logger.warn(
        { err: error },
        'No admin key can be made now. If there is none yet, start again when the database is there.',
      )
      return undefined
    }
    await gateway.close()
    throw error
  }
}
