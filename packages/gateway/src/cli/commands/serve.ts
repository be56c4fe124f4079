import process from 'node:process'
import { Command, Option } from 'commander'
import type { LogLevel } from 'sluice'
import { firstAdminKey } from '../first-admin-key.ts'
import { configOption, readPort, readWorkers } from '../options.ts'
import { readPlace } from '../../workers/worker-place.ts'
import { workerCount } from '../worker-count.ts'
import { sayWhatIsOpen, stopSignal } from '../stop-signal.ts'
import type { Terminal } from '../terminal.ts'
import type { StartDescription } from '../../workers/messages.ts'

interface Options {
  readonly config?: string
  readonly host?: string
  readonly port?: number
  readonly workers?: number | 'auto'
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
    .addOption(
      new Option(
        '--workers <number>',
        'processes that share the port; auto: one for each processor (default: 1)',
      ).argParser(readWorkers),
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
    { readConfiguration, requireStores, printWarnings },
    { checkExposure },
    { startGateway },
    { pino },
    { describeGateway },
  ] = await Promise.all([
    import('../read-config.ts'),
    import('../../config/check-exposure.ts'),
    import('../../compose.ts'),
    import('pino'),
    import('../describe-gateway.ts'),
  ])
  const { host, port, workers, insecure, logLevel } = options
  const loaded = await readConfiguration(terminal, options.config, { host, port, workers, insecure, logLevel })
  const exposed = loaded.config === undefined ? undefined : checkExposure(loaded.config, loaded.origins)
  const config = requireStores(loaded, exposed === undefined ? [] : [exposed])
  const logger = pino({ level: config.logLevel }, terminal.stderr)
  const place = readPlace(terminal.environment)
  if (place !== undefined) {
    const { serveAsWorker } = await import('../serve-as-worker.ts')
    return serveAsWorker(place, config, loaded, logger)
  }
  printWarnings(loaded.warnings, terminal)
  const say = ({ facts, text }: StartDescription): void =>
    void terminal.stdout.write(options.json ? `${JSON.stringify(facts)}\n` : text)
  if (workerCount(config.server) > 1) {
    const { serveWorkers } = await import('../serve-workers.ts')
    return serveWorkers(config, logger, terminal, say)
  }
  // Heard from the first moment: whoever starts a gateway may stop it before it has said a word.
  const stopped = stopSignal('SIGTERM', 'SIGINT')
  const gateway = await startGateway(config, { logger, source: loaded })
  say(describeGateway(gateway, loaded, await firstAdminKey(gateway, logger)))

  await stopped
  sayWhatIsOpen(gateway.open, config.server.drainTimeout, terminal)
  const impatient = stopSignal('SIGTERM', 'SIGINT').then(() => process.exit(130))
  await Promise.race([gateway.close(), impatient])
}
