import { createServer } from 'node:net'
import { listen, sharesPorts } from '../server/listen.ts'

export interface ReservedPort {
  readonly port: number
  /** To be called when all listen there. */
  release(): void
}

/**
 * A port that workers are going to share: nobody else has it, also where they could share it with each other. One that
 * nobody named is kept until they have it.
 *
 * @throws SluiceError `invalid_config` when the address cannot be had.
 */
export async function reservePort(host: string, port: number): Promise<ReservedPort> {
  // Elsewhere this process listens for them all.
  if (!sharesPorts) return { port, release: () => undefined }
  const server = createServer((socket) => socket.destroy())
  // Whoever cannot connect here would have been hung up on.
  const failed = (): void => undefined
  const free = await listen(server, { host, port, ...(port === 0 && { reusePort: true }) }, failed)
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()))
  if (port !== 0) await close()
  return { port: free, release: () => void (port === 0 && close()) }
}
