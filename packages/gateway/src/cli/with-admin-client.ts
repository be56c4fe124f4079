import type { AdminClient } from './open-admin-client.ts'
import type { AdminOptions } from './options.ts'
import type { Terminal } from './terminal.ts'

/** Asks the admin API, and closes whatever was opened for it. */
export async function withAdminClient(
  options: AdminOptions,
  terminal: Terminal,
  use: (client: AdminClient) => Promise<void>,
): Promise<void> {
  const { openAdminClient } = await import('./open-admin-client.ts')
  const client = await openAdminClient(options, terminal)
  try {
    await use(client)
  } finally {
    await client.close()
  }
}
