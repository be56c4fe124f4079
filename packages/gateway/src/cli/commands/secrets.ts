import { Command } from 'commander'
import { adminUrlOption, configOption, type GatewayOptions, jsonOption, keyOption } from '../options.ts'
import type { Terminal } from '../terminal.ts'

type Options = GatewayOptions & { readonly json?: true }

/** `sluice secrets rotate` */
export function secretsCommand(terminal: Terminal): Command {
  const rotate = new Command('rotate')
    .description("Encrypt sites' keys of providers by the first of the master keys, so that the former ones may go.")
    .addOption(adminUrlOption())
    .addOption(keyOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .action((options: Options) => rotateSecrets(options, terminal))
  return new Command('secrets').description('Look after what is kept encrypted.').addCommand(rotate)
}

async function rotateSecrets(options: Options, terminal: Terminal): Promise<void> {
  const { openAdminClient } = await import('../open-admin-client.ts')
  const client = await openAdminClient(options, terminal)
  try {
    const answer = (await client.request('POST', '/secrets/rotate')) as { renewed: number; unchanged: number }
    terminal.stdout.write(
      options.json
        ? `${JSON.stringify(answer)}\n`
        : `Sites encrypted again under the present master key: ${answer.renewed}. Already under it: ${answer.unchanged}.\n`,
    )
  } finally {
    await client.close()
  }
}
