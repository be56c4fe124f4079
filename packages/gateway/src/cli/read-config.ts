import {
  type ConfigFlags,
  type ConfigProblem,
  configError,
  type Config,
  formatProblem,
  type Provider,
  providers as presets,
} from 'sluice'
import { checkUrls } from '../config/check-urls.ts'
import { type LoadedConfig, loadConfig } from '../config/load-config.ts'
import { configuredDemo } from '../transport/demo.ts'
import type { Terminal } from './terminal.ts'

// The demo runs in this process, so that its address is known here only.
const reachable: readonly Provider[] = presets.map((preset) =>
  preset.id === configuredDemo.id ? { ...preset, baseUrl: configuredDemo.baseUrl } : preset,
)

/** Reads the configuration as this command line says it. */
export function readConfiguration(
  terminal: Terminal,
  file: string | undefined,
  flags: ConfigFlags = {},
): Promise<LoadedConfig> {
  const { environment, directory } = terminal
  return loadConfig({ presets: reachable, added: [configuredDemo.id], environment, directory, file, flags })
}

/**
 * The configuration where it is sound.
 * @throws SluiceError `invalid_config` with every problem.
 */
export function requireConfig({ config, problems }: LoadedConfig, more: readonly ConfigProblem[] = []): Config {
  const all = [...problems, ...more]
  if (config === undefined || all.length > 0) throw configError(all)
  return config
}

/** As `requireConfig`, for what opens the stores: a URL that leads to none is a mistake there. */
export function requireStores(loaded: LoadedConfig, more: readonly ConfigProblem[] = []): Config {
  const { config, origins } = loaded
  return requireConfig(loaded, config === undefined ? more : [...more, ...checkUrls(config, origins)])
}

export function printWarnings(warnings: readonly ConfigProblem[], terminal: Terminal): void {
  for (const warning of warnings) terminal.stderr.write(`warning: ${formatProblem(warning)}\n`)
}
