import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { type Gateway, type GatewayOptions, startGateway, type UsageRecord } from '@sluice/gateway'
import { type Simulator, type SimulatorOptions, startSimulator } from '@sluice/simulator'
import { pino } from 'pino'
import { buildConfig, type ConfigInput, type Environment, type Middleware, providers as presets } from 'sluice'

export interface TestGatewayOptions {
  /**
   * Laid over the usual: `server` and `providers.lab` member by member, the rest as a whole. The usual is a
   * data directory that is removed at the end, and one provider, `lab`: the simulator, reached with the key
   * `upstream-key`, not asked twice.
   */
  readonly config?: ConfigInput
  /** More providers, once the simulator's address is known. */
  readonly providers?: (simulator: Simulator) => NonNullable<ConfigInput['providers']>
  /** Besides `SLUICE_FAST_PATH`, which is taken from the process. Default: nothing. */
  readonly environment?: Environment
  /** Default: its only models are `small` and `large`. */
  readonly simulator?: SimulatorOptions
  /** Around each attempt. */
  readonly middleware?: readonly Middleware[]
  /** For what is kept for a time. Default: the system's clock. */
  readonly now?: () => number
  /** Of hosts that tenants name. Default: the system's. */
  readonly lookup?: GatewayOptions['lookup']
}

/** A gateway with the simulator behind it, both in this process, each on a free port. */
export interface TestGateway extends AsyncDisposable {
  readonly gateway: Gateway
  readonly simulator: Simulator
  /** Base URL for clients of the gateway, with `/v1`. */
  readonly url: string
  /** What the meter heard, oldest first. */
  readonly usage: readonly UsageRecord[]
  /** Log lines, parsed, oldest first. */
  readonly log: readonly LogLine[]
  /** Waits for what the meter hears of the request number `index`, counted from 0: records follow aborts a little later. */
  settled(index?: number): Promise<UsageRecord>
  close(): Promise<void>
}

export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly [field: string]: unknown
}

/** Takes `SLUICE_FAST_PATH` of the process: the suite is run once more with it off, and must say the same. */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true })
  const simulator = await startSimulator({ models: ['small', 'large'], ...options.simulator })
  try {
    return await startBefore(simulator, folder, options, removeFolder)
  } catch (error) {
    await simulator.close()
    removeFolder()
    throw error
  }
}

async function startBefore(
  simulator: Simulator,
  folder: string,
  options: TestGatewayOptions,
  removeFolder: () => void,
): Promise<TestGateway> {
  const fastPath = process.env['SLUICE_FAST_PATH']
  const environment = {
    // What else runs on this machine is none of the tests' business.
    SLUICE_FIND_LOCAL_SERVERS: 'false',
    ...(fastPath !== undefined && { SLUICE_FAST_PATH: fastPath }),
    ...options.environment,
  }
  const config = buildConfig({
    presets,
    environment,
    input: layOver(withProviders(usual(simulator, folder), options.providers?.(simulator)), options.config ?? {}),
  })
  const usage: UsageRecord[] = []
  const log: LogLine[] = []
  let heard: (() => void)[] = []
  const gateway = await startGateway(config, {
    logger: pino({ level: 'debug' }, lineReader(log)),
    onUsage(record) {
      usage.push(record)
      for (const hear of heard) hear()
      heard = []
    },
    ...(options.now !== undefined && { now: options.now }),
    ...(options.lookup !== undefined && { lookup: options.lookup }),
    ...(options.middleware !== undefined && { middleware: options.middleware }),
  })

  async function close(): Promise<void> {
    // The simulator first: what it still holds open would be waited for.
    await simulator.close()
    await gateway.close()
    removeFolder()
  }

  return {
    gateway,
    simulator,
    url: `${gateway.url}/v1`,
    usage,
    log,
    async settled(index = 0) {
      for (;;) {
        const record = usage[index]
        if (record !== undefined) return record
        await new Promise<void>((resolve) => heard.push(resolve))
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function usual(simulator: Simulator, folder: string): ConfigInput {
  return {
    // What a budget withholds is its own test's business.
    routing: { retry_reserve: 10_000 },
    server: { port: 0, drain_timeout: 1, data_dir: folder },
    default_provider: 'lab',
    providers: { lab: lab(simulator) },
  }
}

function withProviders(config: ConfigInput, providers: ConfigInput['providers']): ConfigInput {
  return { ...config, providers: { ...config.providers, ...providers } }
}

type ProviderEntry = NonNullable<NonNullable<ConfigInput['providers']>[string]>

function lab(simulator: Simulator): ProviderEntry {
  return { type: 'openai_compatible', name: 'Lab', base_url: simulator.url, api_key: 'upstream-key', max_retries: 0 }
}

function layOver(base: ConfigInput, patch: ConfigInput): ConfigInput {
  const written = patch.providers?.['lab']
  return {
    ...base,
    ...patch,
    server: { ...base.server, ...patch.server },
    providers: { ...base.providers, ...patch.providers, lab: { ...base.providers?.['lab'], ...written } },
  }
}

function lineReader(lines: LogLine[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split('\n')) if (line !== '') lines.push(JSON.parse(line) as LogLine)
      done()
    },
  })
}
