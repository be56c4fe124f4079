import { Command } from 'commander'
import { type AdminOptions, withAdminOptions } from '../options.ts'
import type { Terminal } from '../terminal.ts'
import { withAdminClient } from '../with-admin-client.ts'

/** `sluice secrets rotate` */
export function secretsCommand(terminal: Terminal): Command {
  const rotate = withAdminOptions(new Command('rotate'))
    .description("Encrypt sites' keys of providers by the first of the master keys, so that the former ones may go.")
    .action((options: AdminOptions) => rotateSecrets(options, terminal))
  return new Command('secrets').description('Look after what is kept encrypted.').addCommand(rotate)
}

async function rotateSecrets(options: AdminOptions, terminal: Terminal): Promise<void> {
  await withAdminClient(options, terminal, async (client) => {
    const answer = (await client.request('POST', '/secrets/rotate')) as { renewed: number; unchanged: number }
    terminal.stdout.write(
      options.json
        ? `${JSON.stringify(answer)}\n`
        : `Sites encrypted again under the present master key: ${answer.renewed}. Already under it: ${answer.unchanged}.\n`,
    )
  })
}
