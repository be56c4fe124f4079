import { styleText } from 'node:util'
import { SluiceError } from '@sluice/protocol'
import { Command } from 'commander'
import type { ModelEntry } from '../../directory.ts'
import { formatTable } from '../format-table.ts'
import { configOption, type GatewayOptions, jsonOption, keyOption, urlOption } from '../options.ts'
import type { Terminal } from '../terminal.ts'

type Options = GatewayOptions & { readonly json?: true }

/** `sluice models`, `sluice models explain NAME` */
export function modelsCommand(terminal: Terminal): Command {
  const explain = new Command('explain')
    .description('Show step by step which provider and model a name means.')
    .argument('<name>', 'a model name, as a caller would send it')
    .addOption(configOption())
    .addOption(jsonOption())
    .action((name: string, _: unknown, command: Command) =>
      explainModel(name, command.optsWithGlobals<Options>(), terminal),
    )
  return new Command('models')
    .description('List the models of every configured provider.')
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .action((options: Options) => listModels(options, terminal))
    .addCommand(explain)
}

async function listModels(options: Options, terminal: Terminal): Promise<void> {
  const { openGateway } = await import('../open-gateway.ts')
  const gateway = await openGateway(options, terminal)
  try {
    const list = (await (await gateway.request('GET', '/models')).json()) as { data: readonly ModelEntry[] }
    if (options.json) {
      terminal.stdout.write(`${JSON.stringify(list.data, undefined, 2)}\n`)
      return
    }
    const rows = list.data.map((model) => [
      model.id,
      model.aliases.join(', ') || '–',
      model.context_window === undefined ? '–' : model.context_window.toLocaleString('en'),
      model.capabilities.join(', ') || '–',
      model.targets === undefined ? model.source : `route to ${model.targets.join(', ')}`,
    ])
    terminal.stdout.write(formatTable([['MODEL', 'ALIASES', 'CONTEXT', 'CAPABILITIES', 'SOURCE'], ...rows]))
  } finally {
    await gateway.close()
  }
}

async function explainModel(name: string, options: Options, terminal: Terminal): Promise<void> {
  if (options.url !== undefined) {
    throw new SluiceError('invalid_config', 'Names are explained by the configuration that is here: leave out --url.')
  }
  const { startOwnGateway } = await import('../open-gateway.ts')
  const gateway = await startOwnGateway(options.config, terminal)
  try {
    if (gateway.engine.routes.has(name)) {
      const message = `"${name}" is a route: where a request for it would go is told by \`sluice route explain ${name}\`.`
      throw new SluiceError('model_not_found', message)
    }
    // So that names are explained by what providers list now, as a running gateway would know it.
    await gateway.directory.models()
    const { resolution, error, steps } = gateway.engine.resolver.explain(name)
    const target = resolution === undefined ? undefined : { provider: resolution.provider.id, model: resolution.model }
    if (options.json) {
      const failure = error === undefined ? undefined : { code: error.code, message: error.message }
      terminal.stdout.write(`${JSON.stringify({ name, target, steps, error: failure }, undefined, 2)}\n`)
    } else {
      const mark = { matched: styleText('green', '✓', { stream: terminal.stdout }), passed: '·' }
      terminal.stdout.write(formatTable(steps.map(({ rule, outcome, detail }) => [mark[outcome], rule, detail])))
      if (target !== undefined) terminal.stdout.write(`${name} → provider ${target.provider}, model ${target.model}\n`)
    }
    if (error !== undefined) throw error
  } finally {
    await gateway.close()
  }
}
