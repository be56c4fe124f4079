import { SluiceError } from '@sluice/protocol'
import { Command } from 'commander'
import type { Decision } from 'sluice'
import { formatDecisions } from '../format-decisions.ts'
import { formatTable } from '../format-table.ts'
import { configOption, type GatewayOptions, jsonOption, keyOption, urlOption } from '../options.ts'
import type { Terminal } from '../terminal.ts'

type Options = GatewayOptions & {
  readonly json?: true
  readonly stream?: true
  readonly param: readonly string[]
  readonly header: readonly string[]
}

/** What `POST /api/llm/explain` answers. */
interface RouteExplanation {
  readonly model: string | null
  readonly route: string | null
  readonly resolution: readonly { readonly rule: string; readonly outcome: string; readonly detail: string }[]
  readonly decisions: readonly Decision[]
  readonly target?: { readonly id: string; readonly plan: string; readonly dialect: string }
}

/** `sluice route explain MODEL` */
export function routeCommand(terminal: Terminal): Command {
  const collect = (text: string, list: readonly string[]): readonly string[] => [...list, text]
  const explain = new Command('explain')
    .description('Tell where a chat request would go now, and why, without sending it.')
    .argument('<model>', 'the name of a route or model')
    .option('--stream', 'as a stream')
    .option('--param <name=value>', 'a member of the request, its value as JSON or text; may be repeated', collect, [])
    .option('--header <name: value>', 'a header of the request; may be repeated', collect, [])
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .action((model: string, options: Options) => explainRoute(model, options, terminal))
  return new Command('route').description('Look into routes.').addCommand(explain)
}

async function explainRoute(model: string, options: Options, terminal: Terminal): Promise<void> {
  const params = options.param.map((text) => split(text, '=', '--param name=value'))
  const headers = options.header.map((text) => split(text, ':', "--header 'name: value'"))
  const body = {
    model,
    messages: [],
    ...(options.stream && { stream: true }),
    ...Object.fromEntries(params.map(([name, value]) => [name, parse(value)])),
  }
  const { openGateway } = await import('../open-gateway.ts')
  const gateway = await openGateway(options, terminal)
  try {
    const response = await gateway.request('POST', '/api/llm/explain', body, undefined, Object.fromEntries(headers))
    const explanation = (await response.json()) as RouteExplanation
    terminal.stdout.write(
      options.json ? `${JSON.stringify(explanation, undefined, 2)}\n` : formatExplanation(explanation, terminal),
    )
  } finally {
    await gateway.close()
  }
}

function formatExplanation({ model, resolution, decisions, target }: RouteExplanation, terminal: Terminal): string {
  const steps = resolution.map(({ rule, outcome, detail }) => [outcome === 'matched' ? '✓' : '·', rule, detail])
  const end =
    target === undefined
      ? `${model ?? ''} → no target: none may be called now\n`
      : `${model ?? ''} → ${target.id}, ${target.plan === 'passthrough' ? 'relayed as it is' : `translated to ${target.dialect}`}\n`
  return `${formatTable(steps)}${formatDecisions(decisions, terminal)}${end}`
}

function split(text: string, separator: string, form: string): readonly [string, string] {
  const at = text.indexOf(separator)
  if (at < 1) throw new SluiceError('invalid_config', `Write ${form}, not ${JSON.stringify(text)}.`)
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
