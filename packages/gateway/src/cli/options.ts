import { type Command, InvalidArgumentError, Option } from 'commander'

export const configOption = (): Option =>
  new Option('-c, --config <file>', 'config file (default: SLUICE_CONFIG, else sluice.yaml, .yml or .json here)')

export const jsonOption = (): Option => new Option('--json', 'print JSON, for programs')

export const urlOption = (): Option =>
  new Option('--url <url>', 'ask a running gateway (default: SLUICE_URL, else answer in this process)')

export const adminUrlOption = (): Option =>
  new Option(
    '--url <url>',
    'ask a running gateway (default: SLUICE_URL, else the store that the configuration here names)',
  )

export const runningUrlOption = (): Option => new Option('--url <url>', 'the running gateway (default: SLUICE_URL)')

export const keyOption = (): Option => new Option('--key <key>', "caller's key for --url (default: SLUICE_KEY)")

export const adminKeyOption = (): Option =>
  new Option('--key <key>', 'admin key for --url: one that has a role (default: SLUICE_ADMIN_KEY, else SLUICE_KEY)')

/** Of `urlOption` and `keyOption` and `configOption`. */
export interface GatewayOptions {
  readonly url?: string
  readonly key?: string
  readonly config?: string
}

/** Of `withAdminOptions`. */
export interface AdminOptions extends GatewayOptions {
  readonly json?: true
}

/** For what asks the admin API. */
export function withAdminOptions(command: Command): Command {
  return command
    .addOption(adminUrlOption())
    .addOption(adminKeyOption())
    .addOption(configOption())
    .addOption(jsonOption())
}

export function readPort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('Give a number from 0 to 65535.')
  return port
}

/** As `server.workers` in a config file has it. */
const mostWorkers = 256

export function readWorkers(text: string): number | 'auto' {
  if (text === 'auto') return text
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && count <= mostWorkers) return count
  throw new InvalidArgumentError(`Give a number from 1 to ${mostWorkers}, or auto.`)
}
