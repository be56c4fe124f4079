import { styleText } from 'node:util'
import { Command } from 'commander'
import type { ProviderEntry } from '../../directory.ts'
import { formatTable } from '../format-table.ts'
import { configOption, type GatewayOptions, jsonOption, keyOption, urlOption } from '../options.ts'
import type { Terminal } from '../terminal.ts'

type Options = GatewayOptions & { readonly json?: true; readonly all?: true }

/** `sluice providers` */
export function providersCommand(terminal: Terminal): Command {
  return new Command('providers')
    .description('List the configured providers and ask each for its health, which costs nothing.')
    .option('--all', 'list every provider that is known by name, and the variable of its key')
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .action((options: Options) => (options.all ? listPresets(options, terminal) : listProviders(options, terminal)))
}

async function listProviders(options: Options, terminal: Terminal): Promise<void> {
  const { openGateway } = await import('../open-gateway.ts')
  const gateway = await openGateway(options, terminal)
  try {
    const list = (await (await gateway.request('GET', '/providers')).json()) as { data: readonly ProviderEntry[] }
    if (options.json) {
      terminal.stdout.write(`${JSON.stringify(list.data, undefined, 2)}\n`)
      return
    }
    const rows = list.data.map(({ id, name, kind, key, models, health, default: isDefault }) => [
      isDefault ? `${id} (default)` : id,
      name,
      kind,
      key,
      String(models),
      styleText(colours[health.state], health.state, { stream: terminal.stdout }),
      health.reason ?? '',
    ])
    terminal.stdout.write(formatTable([['PROVIDER', 'NAME', 'TYPE', 'KEY', 'MODELS', 'HEALTH', ''], ...rows]))
  } finally {
    await gateway.close()
  }
}

const colours: Readonly<Record<ProviderEntry['health']['state'], 'green' | 'yellow' | 'red' | 'gray'>> = {
  healthy: 'green',
  degraded: 'yellow',
  unauthorized: 'red',
  unreachable: 'red',
  unknown: 'gray',
}

async function listPresets(options: Options, terminal: Terminal): Promise<void> {
  const { providers: presets } = await import('sluice')
  const known = presets.map(({ id, name, env, baseUrl, retired }) => ({
    id,
    name,
    variables: env?.apiKey ?? env?.baseUrl ?? [],
    base_url: baseUrl ?? null,
    retired: retired ?? null,
  }))
  if (options.json) {
    terminal.stdout.write(`${JSON.stringify(known, undefined, 2)}\n`)
    return
  }
  const rows = known.map(({ id, name, variables, base_url, retired }) => [
    id,
    retired === null ? name : `${name} (retired)`,
    variables.join(', ') || '–',
    base_url ?? 'yours',
  ])
  terminal.stdout.write(formatTable([['TYPE', 'NAME', 'KEY', 'BASE URL'], ...rows]))
}
