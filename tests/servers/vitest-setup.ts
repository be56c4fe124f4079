import { serveSharedServers } from './shared-servers.ts'

/** Vitest calls it once before a whole run, and what it gives at the end. */
export async function setup(): Promise<() => Promise<void>> {
  const servers = await serveSharedServers()
  return async () => servers[Symbol.asyncDispose]()
}
