import process from 'node:process'
import { SluiceError } from '@sluice/protocol'
import type { Logger } from 'pino'
import type { Config } from 'sluice'
import { createLazyDatabase } from '../stores/lazy-database.ts'
import type { StartDescription } from '../workers/messages.ts'
import { reservePort } from '../workers/reserve-port.ts'
import { runWorkers } from '../workers/run-workers.ts'
import { workerCount } from './worker-count.ts'
import { sayWhatIsOpen, stopSignal } from './stop-signal.ts'
import type { Terminal } from './terminal.ts'

/** As the first process: starts the others, and stops them when it is told to. */
export async function serveWorkers(
  config: Config,
  logger: Logger,
  terminal: Terminal,
  say: (description: StartDescription) => void,
): Promise<void> {
  await prepareDatabase(config, logger)
  const stopped = stopSignal('SIGTERM', 'SIGINT', 'SIGHUP')
  const { host, port: wanted } = config.server
  const { port, release } = await reservePort(host, wanted)
  const workers = runWorkers({ count: workerCount(config.server), port, logger })
  const first = await Promise.race([workers.started, stopped]).finally(release)
  if (first !== undefined) {
    say(first)
    await stopped
    sayWhatIsOpen(await workers.open(), config.server.drainTimeout, terminal)
  }
  const impatient = stopSignal('SIGTERM', 'SIGINT', 'SIGHUP').then(() => {
    workers.kill()
    process.exit(130)
  })
  await Promise.race([workers.stop(), impatient])
}

/** Migrates for all of them. What does not work now, each of them says for itself. */
async function prepareDatabase({ server }: Config, logger: Logger): Promise<void> {
  const database = createLazyDatabase(server.databaseUrl?.reveal() ?? server.dataDir, {
    connections: 1,
    migrate: server.databaseMigrate,
  })
  try {
    await database.check()
    if (server.databaseMigrate) await database.open()
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'schema_mismatch') throw error
    logger.debug({ err: error }, 'The database could not be opened before the workers were started.')
  } finally {
    await database.close()
  }
}
