import { once } from 'node:events'
import { Command, Option } from 'commander'
import { SluiceError } from '@sluice/protocol'
import { formatTable } from '../format-table.ts'
import { adminKeyOption, adminUrlOption, configOption, type GatewayOptions, jsonOption } from '../options.ts'
import { readMoment } from '../read-moment.ts'
import type { Terminal } from '../terminal.ts'
import { withAdminClient } from '../with-admin-client.ts'

/** As many as the API gives at once. */
const pageSize = 1000

interface Options extends GatewayOptions {
  readonly json?: true
  readonly by?: string
  readonly interval?: string
  readonly since?: string
  readonly until?: string
  readonly ofKey?: string
  readonly organisation?: string
  readonly workspace?: string
  readonly user?: string
  readonly provider?: string
  readonly model?: string
  readonly operation?: string
  readonly tag?: string
}

/** What is used here of a sum as the admin API shows it. */
interface Sum extends Readonly<Record<string, unknown>> {
  readonly period: string | null
  readonly requests: number
  readonly failed: number
  readonly cost_usd: number
  readonly unpriced: number
  readonly uncounted: number
  readonly usage: Readonly<Record<string, number>>
}

/** By the words of `--by`. */
const groups: Readonly<Record<string, string>> = {
  key: 'key_id',
  organisation: 'organisation_id',
  workspace: 'workspace_id',
  user: 'user_id',
  provider: 'provider',
  model: 'model',
  operation: 'operation',
  tag: 'tag',
}

/** `sluice usage`, `sluice usage export` */
export function usageCommand(terminal: Terminal): Command {
  const exported = filtered(new Command('export'))
    .description('Print every request with what it used, the newest first.')
    .addOption(new Option('--format <format>', 'how').choices(['csv', 'jsonl']).default('csv'))
    .action((_: unknown, command: Command) =>
      exportRecords(command.optsWithGlobals<Options & { readonly format: string }>(), terminal),
    )
  return filtered(new Command('usage'))
    .description('Show what was used, and what it cost.')
    .option('--by <names>', `what is told apart: ${Object.keys(groups).join(', ')} (default: model)`)
    .addOption(new Option('--interval <length>', 'the periods, in UTC').choices(['hour', 'day', 'month', 'total']))
    .addOption(jsonOption())
    .action((options: Options) => showUsage(options, terminal))
    .addCommand(exported)
}

function filtered(command: Command): Command {
  return command
    .option('--since <when>', 'from when on: 30d, 12h, or 2026-11-01 (default: 30d)')
    .option('--until <when>', 'before when: 1d, or 2026-12-01')
    .option('--of-key <id>', 'of a key')
    .option('--organisation <id>', 'of an organisation')
    .option('--workspace <id>', 'of a team, site or project')
    .option('--user <id>', 'of a user')
    .option('--provider <id>', 'of a provider')
    .option('--model <name>', 'of a model, as its provider names it')
    .option('--operation <name>', 'of an operation: chat, embed')
    .option('--tag <tag>', 'with a tag')
    .addOption(adminUrlOption())
    .addOption(adminKeyOption())
    .addOption(configOption())
}

async function showUsage(options: Options, terminal: Terminal): Promise<void> {
  const names = (options.by ?? 'model').split(',').map((name) => name.trim())
  const columns = names.map((name) => {
    const column = groups[name]
    if (column === undefined)
      throw new SluiceError('invalid_config', `--by: "${name}" is none of ${Object.keys(groups).join(', ')}.`)
    return column
  })
  const query = queryOf(options)
  query.set('group_by', columns.join(','))
  query.set('interval', options.interval ?? 'total')
  const sums: Sum[] = []
  await withAdminClient(options, terminal, async (client) => {
    for await (const page of client.pages<Sum>('/usage', query, pageSize)) sums.push(...page)
  })
  if (options.json) {
    terminal.stdout.write(`${JSON.stringify(sums, undefined, 2)}\n`)
    return
  }
  if (sums.length === 0) {
    terminal.stdout.write('Nothing was used in this time.\n')
    return
  }
  const timed = sums.some(({ period }) => period !== null)
  const head = [...(timed ? ['PERIOD'] : []), ...names.map((name) => name.toUpperCase())]
  const rows = sums.map((sum) => [
    ...(timed ? [periodOf(sum, options.interval)] : []),
    ...columns.map((column) => cellOf(sum[column])),
    sum.requests.toLocaleString('en'),
    sum.failed.toLocaleString('en'),
    tokensOf(sum, inputColumns).toLocaleString('en'),
    tokensOf(sum, outputColumns).toLocaleString('en'),
    costOf(sum),
  ])
  terminal.stdout.write(formatTable([[...head, 'REQUESTS', 'FAILED', 'INPUT', 'OUTPUT', 'COST'], ...rows]))
  const unknown = sums.reduce((count, { unpriced }) => count + unpriced, 0)
  if (unknown > 0) terminal.stdout.write(`+ ${unknown.toLocaleString('en')} requests whose price is not known.\n`)
}

const inputColumns = ['input', 'cache_read', 'cache_write', 'cache_write_long', 'audio_input', 'image_input']
const outputColumns = ['output', 'reasoning', 'audio_output', 'image_output', 'rejected_prediction']

function tokensOf({ usage }: Sum, columns: readonly string[]): number {
  return columns.reduce((total, column) => total + (usage[column] ?? 0), 0)
}

function costOf({ cost_usd: cost, unpriced }: Sum): string {
  if (unpriced > 0 && cost === 0) return 'unknown'
  return `$${cost.toFixed(cost < 1 ? 6 : 2)}${unpriced > 0 ? ' +' : ''}`
}

function cellOf(value: unknown): string {
  return typeof value === 'string' ? value : '–'
}

function periodOf({ period }: Sum, interval: string | undefined): string {
  if (period === null) return '–'
  if (interval === 'hour') return `${period.slice(0, 13).replace('T', ' ')}:00`
  return period.slice(0, interval === 'month' ? 7 : 10)
}

async function exportRecords(options: Options & { readonly format: string }, terminal: Terminal): Promise<void> {
  const { recordLine, recordHead } = await import('../../admin/usage-lines.ts')
  const format = options.format === 'jsonl' ? 'jsonl' : 'csv'
  await withAdminClient(options, terminal, async (client) => {
    terminal.stdout.write(recordHead(format))
    for await (const page of client.pages<Readonly<Record<string, unknown>>>(
      '/usage/records',
      queryOf(options),
      pageSize,
    )) {
      const free = terminal.stdout.write(page.map((record) => recordLine(record, format)).join(''))
      // Whoever reads is slower than the database: not all of it is held meanwhile.
      if (!free) await once(terminal.stdout, 'drain')
    }
  })
}

function queryOf(options: Options): URLSearchParams {
  const { since = '30d', until, ofKey, organisation, workspace, user, provider, model, operation, tag } = options
  const given = {
    from: readMoment(since, '--since'),
    to: until === undefined ? undefined : readMoment(until, '--until'),
    key_id: ofKey,
    organisation_id: organisation,
    workspace_id: workspace,
    user_id: user,
    provider,
    model,
    operation,
    tag,
  }
  return new URLSearchParams(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined))
}
