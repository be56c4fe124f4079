import { Command, CommanderError } from 'commander'
import { formatProblem } from 'sluice'
import { formatTable } from '../format-table.ts'
import { type AdminOptions, configOption, jsonOption, withAdminOptions } from '../options.ts'
import type { Terminal } from '../terminal.ts'
import { withAdminClient } from '../with-admin-client.ts'

interface Options {
  readonly config?: string
  readonly json?: true
}

/** What is used here of a configuration as the admin API shows it. */
interface Running {
  readonly version: string
  readonly file: string | null
  readonly settings: readonly {
    readonly path: string
    readonly value: string | number | boolean | null
    readonly origin: string | null
  }[]
  readonly owned: readonly { readonly resource: string; readonly config: number; readonly database: number }[]
}

/** `sluice config check|explain|show` */
export function configCommand(terminal: Terminal): Command {
  const check = new Command('check')
    .description('Tell every mistake in the configuration, with its place.')
    .addOption(configOption())
    .addOption(jsonOption())
    .action((options: Options) => checkConfig(options, terminal))
  const explain = new Command('explain')
    .description('Show every setting and where it came from.')
    .argument('[path]', 'only settings below this path, such as providers.groq')
    .addOption(configOption())
    .addOption(jsonOption())
    .action((path: string | undefined, options: Options) => explainSettings(path, options, terminal))
  const show = withAdminOptions(new Command('show'))
    .description('Show what a gateway runs with, and what the file and the database each own.')
    .argument('[path]', 'only settings below this path, such as server')
    .action((path: string | undefined, options: AdminOptions) => showRunning(path, options, terminal))
  return new Command('config')
    .description('Check, explain or show the configuration.')
    .addCommand(check)
    .addCommand(explain)
    .addCommand(show)
}

async function checkConfig(options: Options, terminal: Terminal): Promise<void> {
  const [{ readConfiguration }, { checkExposure }, { checkUrls }] = await Promise.all([
    import('../read-config.ts'),
    import('../../config/check-exposure.ts'),
    import('../../config/check-urls.ts'),
  ])
  const loaded = await readConfiguration(terminal, options.config)
  const exposed = loaded.config === undefined ? undefined : checkExposure(loaded.config, loaded.origins)
  const wrongUrls = loaded.config === undefined ? [] : checkUrls(loaded.config, loaded.origins)
  const problems = [...loaded.problems, ...(exposed === undefined ? [] : [exposed]), ...wrongUrls]
  const { warnings, file, config } = loaded
  if (options.json) {
    const list = [problems, warnings].map((entries) =>
      entries.map((entry) => ({ ...entry, text: formatProblem(entry) })),
    )
    const [errors, remarks] = list
    terminal.stdout.write(
      `${JSON.stringify({ ok: problems.length === 0, file: file ?? null, problems: errors, warnings: remarks }, undefined, 2)}\n`,
    )
  } else {
    for (const problem of [
      ...problems,
      ...warnings.map((warning) => ({ ...warning, message: `${warning.message} (warning)` })),
    ]) {
      terminal.stdout.write(`${formatProblem(problem)}\n`)
    }
  }
  // All is said; only the exit code is missing.
  if (problems.length > 0) throw new CommanderError(2, 'sluice.invalidConfig', '')
  if (options.json) return
  const ids = config?.providers.map(({ id }) => id) ?? []
  const nobody = config?.switchedOff.includes('demo') ? 'so nobody answers' : 'so the demo answers'
  const found = ids.length === 0 ? `no provider is configured, ${nobody}` : `providers: ${ids.join(', ')}`
  terminal.stdout.write(`${file ?? 'No config file'}: ok; ${found}\n`)
}

async function explainSettings(path: string | undefined, options: Options, terminal: Terminal): Promise<void> {
  const [{ readConfiguration, requireConfig, printWarnings }, { explainConfig }] = await Promise.all([
    import('../read-config.ts'),
    import('../../config/explain-config.ts'),
  ])
  const loaded = await readConfiguration(terminal, options.config)
  const config = requireConfig(loaded)
  const settings = explainConfig(config, loaded.origins).filter(
    (setting) => path === undefined || setting.path === path || setting.path.startsWith(`${path}.`),
  )
  if (options.json) {
    terminal.stdout.write(`${JSON.stringify({ file: loaded.file ?? null, settings }, undefined, 2)}\n`)
    return
  }
  terminal.stdout.write(
    formatTable(settings.map(({ path: name, value, origin }) => [name, String(value ?? '–'), origin])),
  )
  printWarnings(loaded.warnings, terminal)
}

async function showRunning(path: string | undefined, options: AdminOptions, terminal: Terminal): Promise<void> {
  await withAdminClient(options, terminal, async (client) => {
    const running = (await client.request('GET', '/config')) as Running
    const settings = running.settings.filter(
      (setting) => path === undefined || setting.path === path || setting.path.startsWith(`${path}.`),
    )
    if (options.json) {
      terminal.stdout.write(`${JSON.stringify({ ...running, settings }, undefined, 2)}\n`)
      return
    }
    const rows = settings.map(({ path: name, value, origin }) => [name, String(value ?? '–'), origin ?? '–'])
    terminal.stdout.write(`Sluice ${running.version}, ${running.file ?? 'no config file'}\n\n${formatTable(rows)}`)
    if (path !== undefined) return
    const owned = running.owned.map(({ resource, config, database }) => [resource, String(config), String(database)])
    terminal.stdout.write(`\n${formatTable([['', 'FILE', 'DATABASE'], ...owned])}`)
  })
}
