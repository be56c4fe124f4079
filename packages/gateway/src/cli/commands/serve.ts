import { once } from 'node:events'
import process from 'node:process'
import { Command, Option } from 'commander'
import type { LogLevel, Secret } from 'sluice'
import type { Gateway } from '../../compose.ts'
import { configOption, readPort } from '../options.ts'
import type { Terminal } from '../terminal.ts'

interface Options {
  readonly config?: string
  readonly host?: string
  readonly port?: number
  readonly insecure?: true
  readonly logLevel?: LogLevel
  readonly json?: true
}

/** `sluice serve` */
export function serveCommand(terminal: Terminal): Command {
  return new Command('serve')
    .description('Start the gateway.')
    .addOption(configOption())
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .addOption(
      new Option('-p, --port <number>', 'port to listen on; 0 takes a free one (default: 8090)').argParser(readPort),
    )
    .option('--insecure', "listen beyond this machine without callers' keys")
    .addOption(
      new Option('--log-level <level>', 'how much is logged (default: info)').choices([
        'trace',
        'debug',
        'info',
        'warn',
        'error',
        'silent',
      ]),
    )
    .option('--json', 'say what is served in one line of JSON')
    .action((options: Options) => serve(options, terminal))
}

async function serve(options: Options, terminal: Terminal): Promise<void> {
  const [
    { readConfiguration, requireConfig, printWarnings },
    { checkExposure },
    { checkUrls },
    { startGateway },
    { pino },
    { describeGateway },
  ] = await Promise.all([
    import('../read-config.ts'),
    import('../../config/check-exposure.ts'),
    import('../../config/check-urls.ts'),
    import('../../compose.ts'),
    import('pino'),
    import('../describe-gateway.ts'),
  ])
  const { host, port, insecure, logLevel } = options
  const loaded = await readConfiguration(terminal, options.config, { host, port, insecure, logLevel })
  const exposed = loaded.config === undefined ? undefined : checkExposure(loaded.config, loaded.origins)
  const wrongUrls = loaded.config === undefined ? [] : checkUrls(loaded.config, loaded.origins)
  const config = requireConfig(loaded, [...(exposed === undefined ? [] : [exposed]), ...wrongUrls])
  printWarnings(loaded.warnings, terminal)

  const logger = pino({ level: config.logLevel }, terminal.stderr)
  // Heard from the first moment: whoever starts a gateway may stop it before it has said a word.
  const stopped = stopSignal()
  const gateway = await startGateway(config, { logger })
  const description = describeGateway(gateway, loaded, await firstAdminKey(gateway))
  terminal.stdout.write(options.json ? `${JSON.stringify(description.facts)}\n` : description.text)

  await stopped
  if (gateway.open > 0)
    terminal.stderr.write(
      `Stopping: ${gateway.open} open requests get up to ${config.server.drainTimeout / 1000} s; again to stop now.\n`,
    )
  const impatient = stopSignal().then(() => process.exit(130))
  await Promise.race([gateway.close(), impatient])
}

/** Where config asks for managed keys and there were never any. */
async function firstAdminKey({ access, config }: Gateway): Promise<Secret | undefined> {
  if (!config.server.managedKeys || config.server.adminKey !== undefined) return undefined
  const { makeFirstAdminKey } = await import('../../access/first-admin-key.ts')
  return makeFirstAdminKey(await access.open(), Date.now())
}

async function stopSignal(): Promise<void> {
  const received = new AbortController()
  const { signal } = received
  await Promise.race([once(process, 'SIGTERM', { signal }), once(process, 'SIGINT', { signal })])
  received.abort()
}
