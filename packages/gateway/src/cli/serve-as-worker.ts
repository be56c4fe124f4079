import process from 'node:process'
import type { Logger } from 'pino'
import type { Config } from 'sluice'
import { startGateway } from '../compose.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { asSluiceError } from '../pipeline/pipeline.ts'
import { createPeers } from '../workers/create-peers.ts'
import type { PrimaryMessage, WorkerMessage } from '../workers/messages.ts'
import type { WorkerPlace } from '../workers/worker-place.ts'
import { openQuestion } from '../workers/run-workers.ts'
import { describeGateway } from './describe-gateway.ts'
import { firstAdminKey } from './first-admin-key.ts'
import { stopSignal } from './stop-signal.ts'

/** As one of those that serve. Ends the process. */
export async function serveAsWorker(
  { place, port }: WorkerPlace,
  config: Config,
  loaded: LoadedConfig,
  logger: Logger,
): Promise<void> {
  const send = (message: WorkerMessage): void => void process.send?.(message, undefined, undefined, () => undefined)
  const peers = createPeers(place, send)
  const told = Promise.withResolvers<void>()
  process.on('message', (message: PrimaryMessage) => {
    if (message.kind === 'stop') told.resolve()
    else peers.receive(message)
  })
  // A terminal's signals reach all its processes: the first one says what is to be done.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
  const stopped = Promise.race([told.promise, stopSignal('SIGTERM')])
  try {
    const gateway = await startGateway(
      { ...config, server: { ...config.server, port } },
      { logger, peers, source: loaded },
    )
    peers.answer(openQuestion, () => gateway.open)
    const key = place === 0 ? await firstAdminKey(gateway, logger) : undefined
    send({ kind: 'listening', description: place === 0 ? describeGateway(gateway, loaded, key) : undefined })
    await stopped
    await gateway.close()
  } catch (thrown) {
    const { code, message } = asSluiceError(thrown)
    const failed: WorkerMessage = { kind: 'failed', code, message }
    process.send?.(failed, undefined, undefined, () => process.exit(1))
    return
  }
  process.disconnect?.()
}
