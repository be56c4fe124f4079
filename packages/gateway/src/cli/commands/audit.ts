import { Command, InvalidArgumentError, Option } from 'commander'
import { formatTable } from '../format-table.ts'
import { type AdminOptions, withAdminOptions } from '../options.ts'
import { readMoment } from '../read-moment.ts'
import type { Terminal } from '../terminal.ts'
import { withAdminClient } from '../with-admin-client.ts'

interface Options extends AdminOptions {
  readonly since?: string
  readonly until?: string
  readonly actor?: string
  readonly kind?: string
  readonly action?: string
  readonly resource?: string
  readonly organisation?: string
  readonly workspace?: string
  readonly limit: number
}

/** What is used here of an entry as the admin API shows it. */
interface Entry {
  readonly at: string
  readonly actor: string
  readonly action: string
  readonly resource: string
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
}

/** `sluice audit` */
export function auditCommand(terminal: Terminal): Command {
  const command = new Command('audit')
    .description('Show who changed what, the newest first.')
    .option('--since <when>', 'from when on: 30d, 12h, or 2026-11-01')
    .option('--until <when>', 'before when: 1d, or 2026-12-01')
    .option('--actor <id>', 'by whom: the id of a key or a user, admin-key, local')
    .option(
      '--kind <name>',
      'of what: organisations, workspaces, users, keys, limits, budgets, ai-settings, sessions, cache',
    )
    .option('--action <name>', 'what was done: keys.rotate, budgets.raise')
    .option('--resource <id>', 'to what')
    .option('--organisation <id>', 'of an organisation')
    .option('--workspace <id>', 'of a team, site or project')
    .addOption(new Option('--limit <number>', 'how many at the most').default(50).argParser(readCount))
  return withAdminOptions(command).action((options: Options) => showAudit(options, terminal))
}

async function showAudit(options: Options, terminal: Terminal): Promise<void> {
  const { limit, json } = options
  const query = queryOf(options)
  const entries: Entry[] = []
  await withAdminClient(options, terminal, async (client) => {
    for await (const page of client.pages<Entry>('/audit', query, Math.min(100, limit))) {
      entries.push(...page)
      if (entries.length >= limit) break
    }
  })
  const shown = entries.slice(0, limit)
  if (json) terminal.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`)
  else if (shown.length === 0) terminal.stdout.write('Nothing was changed, as far as that goes.\n')
  else {
    const rows = shown.map((entry) => [
      `${entry.at.slice(0, 19)}Z`,
      entry.actor,
      entry.action,
      entry.resource,
      changesOf(entry),
    ])
    terminal.stdout.write(formatTable([['AT', 'BY', 'WHAT', 'TO', 'CHANGED'], ...rows]))
  }
}

function queryOf(options: Options): URLSearchParams {
  const { since, until, actor, kind, action, resource, organisation, workspace } = options
  const given = {
    from: since && readMoment(since, '--since'),
    to: until && readMoment(until, '--until'),
    actor,
    kind,
    action,
    resource,
    organisation_id: organisation,
    workspace_id: workspace,
  }
  return new URLSearchParams(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** The members that are not as they were. */
function changesOf({ before, after }: Entry): string {
  if (before === null) return typeof after?.['name'] === 'string' ? after['name'] : '–'
  if (after === null) return 'removed'
  const names = Object.keys(after).filter(
    (name) => name !== 'updated_at' && JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  )
  return names.join(', ') || '–'
}

function readCount(text: string): number {
  const count = Number(text)
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError('Give a whole number above 0.')
  return count
}
