import type { AddressInfo, ListenOptions, Server } from 'node:net'
import process from 'node:process'
import { SluiceError } from '@sluice/protocol'

/** Whether several processes may listen on a port each for itself, and the system parts the connections among them. */
export const sharesPorts: boolean = process.platform === 'linux'

/**
 * @param failed hears what goes wrong with the server while it listens, which it goes on doing.
 * @returns the port.
 * @throws SluiceError `invalid_config` when the address cannot be had.
 */
export function listen(
  server: Server,
  options: ListenOptions & { host: string; port: number },
  failed: (error: Error) => void,
): Promise<number> {
  const { host, port } = options
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => {
      const reason =
        error.code === 'EADDRINUSE'
          ? `port ${port} is in use; choose another with --port or SLUICE_PORT`
          : error.message
      reject(new SluiceError('invalid_config', `Cannot listen on ${host}:${port}: ${reason}.`, { cause: error }))
    }
    server.once('error', refuse)
    server.listen(options, () => {
      server.off('error', refuse)
      server.on('error', failed)
      resolve((server.address() as AddressInfo).port)
    })
  })
}
