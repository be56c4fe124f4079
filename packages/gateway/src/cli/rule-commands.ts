import { SluiceError } from '@sluice/protocol'
import { Command } from 'commander'
import { findId, type NamedList } from './find-id.ts'
import { formatTable } from './format-table.ts'
import type { AdminClient } from './open-admin-client.ts'
import { type AdminOptions, withAdminOptions } from './options.ts'
import { readList } from './read-list.ts'
import { type Setting, settingOption, settingsGiven } from './setting-options.ts'
import type { Terminal } from './terminal.ts'
import { withAdminClient } from './with-admin-client.ts'

/** A limit or a budget as the admin API shows it. */
export interface Rule {
  readonly id: string
  readonly name: string | null
  readonly owner: string
  readonly organisation_id: string | null
  readonly workspace_id: string | null
  readonly per: string
  readonly match: Readonly<Record<string, readonly string[]>>
  readonly [setting: string]: unknown
}

/** What tells limits and budgets apart. */
export interface RuleKind extends NamedList {
  readonly object: 'limit' | 'budget'
  /** Of what it allows. */
  readonly settings: readonly Setting[]
  /** What it allows: `50 USD monthly`. */
  describe(rule: Rule): string
}

interface Given extends AdminOptions, Readonly<Record<string, unknown>> {
  readonly organisation?: string
  readonly workspace?: string
  readonly per?: string
  readonly name?: string
}

/** By the option's name here: the member of `match`, and what it narrows a rule down to. */
const matches = [
  ['ofKeys', '--of-keys <ids>', 'keys', 'for these keys only: key_1,key_2'],
  ['ofUsers', '--of-users <ids>', 'users', 'for these users only'],
  ['ofWorkspaces', '--of-workspaces <ids>', 'workspaces', 'for these teams, sites and projects only'],
  ['ofOrganisations', '--of-organisations <ids>', 'organisations', 'for these organisations only'],
  ['tags', '--tags <patterns>', 'tags', 'for keys with such a tag only: "env:*"'],
  ['models', '--models <patterns>', 'models', 'for these models only: "*-pro"'],
  ['providers', '--providers <patterns>', 'providers', 'for these providers only'],
] as const

/** `list`, `show`, `create`, `update` and `delete` of limits or budgets. */
export function ruleCommands(kind: RuleKind, terminal: Terminal): readonly Command[] {
  const { object, settings } = kind
  const one = 'its id or name'
  const create = withAdminOptions(new Command('create'))
    .description(`Make a ${object} for all managed keys, or for those of an organisation, or of a workspace.`)
    .argument('<name>', 'what it is called in lists')
  for (const setting of settings) create.addOption(settingOption(setting, 'new'))
  create
    .option('--organisation <id>', 'for the keys of an organisation')
    .option('--workspace <id>', 'for the keys of a team, site or project')
    .option(
      '--per <subject>',
      'who has it each for itself: key, user, team, site, project, organisation, tag, model, provider, or all together',
      'all',
    )
  for (const [, flags, , description] of matches) create.option(flags, description, readList)
  const update = withAdminOptions(new Command('update'))
    .description(`Change a ${object}.`)
    .argument(`<${object}>`, one)
    .option('--name <name>', 'what it is called in lists')
  for (const setting of settings) update.addOption(settingOption(setting, 'change'))
  return [
    create.action((name: string, _: unknown, command: Command) => createRule(kind, name, command, terminal)),
    withAdminOptions(new Command('list'))
      .description(`List ${object}s: those of the configuration, then the others, the newest first.`)
      .option('--organisation <id>', 'of an organisation')
      .option('--workspace <id>', 'of a team, site or project')
      .action((_: unknown, command: Command) => listRules(kind, command, terminal)),
    withAdminOptions(new Command('show'))
      .description(`Show a ${object}.`)
      .argument(`<${object}>`, one)
      .action((given: string, _: unknown, command: Command) => showRule(kind, given, command, terminal)),
    update.action((given: string, _: unknown, command: Command) => updateRule(kind, given, command, terminal)),
    withAdminOptions(new Command('delete'))
      .description(`Remove a ${object}.`)
      .argument(`<${object}>`, one)
      .action((given: string, _: unknown, command: Command) => deleteRule(kind, given, command, terminal)),
  ]
}

async function createRule(kind: RuleKind, name: string, command: Command, terminal: Terminal): Promise<void> {
  const options = command.optsWithGlobals<Given>()
  const settings = settingsGiven(kind.settings, options)
  if (Object.keys(settings).length === 0) throw nothingSaid(kind, `Say what the ${kind.object} is`)
  const match = Object.fromEntries(
    matches.flatMap(([option, , member]) => (options[option] === undefined ? [] : [[member, options[option]]])),
  )
  const { organisation, workspace, per } = options
  const body = {
    name,
    per,
    ...(organisation !== undefined && { organisation_id: organisation }),
    ...(workspace !== undefined && { workspace_id: workspace }),
    ...(Object.keys(match).length > 0 && { match }),
    ...settings,
  }
  await withAdminClient(options, terminal, async (client) => {
    print(kind, (await client.request('POST', kind.path, body)) as Rule, options, terminal)
  })
}

async function listRules(kind: RuleKind, command: Command, terminal: Terminal): Promise<void> {
  const options = command.optsWithGlobals<Given>()
  const query = new URLSearchParams()
  if (options.organisation !== undefined) query.set('organisation_id', options.organisation)
  if (options.workspace !== undefined) query.set('workspace_id', options.workspace)
  const rules: Rule[] = []
  await withAdminClient(options, terminal, async (client) => {
    for await (const page of client.pages<Rule>(kind.path, query)) rules.push(...page)
  })
  const { object } = kind
  if (options.json) terminal.stdout.write(`${JSON.stringify(rules, undefined, 2)}\n`)
  else if (rules.length === 0)
    terminal.stdout.write(`There are no ${object}s. Make one: sluice ${object}s create NAME …\n`)
  else {
    const rows = rules.map((rule) => [
      rule.id,
      rule.name ?? '–',
      rule.owner,
      ofWhom(rule),
      rule.per,
      onlyFor(rule),
      kind.describe(rule),
    ])
    const head = ['ID', 'NAME', 'OWNER', 'OF', 'PER', 'ONLY FOR', object.toUpperCase()]
    terminal.stdout.write(formatTable([head, ...rows]))
  }
}

async function showRule(kind: RuleKind, given: string, command: Command, terminal: Terminal): Promise<void> {
  const options = command.optsWithGlobals<Given>()
  await withAdminClient(options, terminal, async (client) => {
    print(kind, (await client.request('GET', await pathOf(kind, given, client))) as Rule, options, terminal)
  })
}

async function updateRule(kind: RuleKind, given: string, command: Command, terminal: Terminal): Promise<void> {
  const options = command.optsWithGlobals<Given>()
  const { name } = options
  const body = { ...(name !== undefined && { name }), ...settingsGiven(kind.settings, options) }
  if (Object.keys(body).length === 0) throw nothingSaid(kind, 'Say what is to be changed', ['--name'])
  await withAdminClient(options, terminal, async (client) => {
    print(kind, (await client.request('PATCH', await pathOf(kind, given, client), body)) as Rule, options, terminal)
  })
}

async function deleteRule(kind: RuleKind, given: string, command: Command, terminal: Terminal): Promise<void> {
  const options = command.optsWithGlobals<Given>()
  await withAdminClient(options, terminal, async (client) => {
    const id = await findId(given, kind, client)
    await client.request('DELETE', `${kind.path}/${id}`)
    terminal.stdout.write(options.json ? `${JSON.stringify({ id, deleted: true })}\n` : `${id} is gone.\n`)
  })
}

async function pathOf(kind: RuleKind, given: string, client: AdminClient): Promise<string> {
  return `${kind.path}/${await findId(given, kind, client)}`
}

function print(kind: RuleKind, rule: Rule, options: AdminOptions, terminal: Terminal): void {
  if (options.json) terminal.stdout.write(`${JSON.stringify(rule, undefined, 2)}\n`)
  else
    terminal.stdout.write(
      formatTable([
        ['Id', rule.id],
        ['Name', rule.name ?? '–'],
        ['Owner', rule.owner],
        ['Of', ofWhom(rule)],
        ['Per', rule.per],
        ['Only for', onlyFor(rule)],
        [kind.object === 'limit' ? 'Limit' : 'Budget', kind.describe(rule)],
      ]),
    )
}

function ofWhom({ workspace_id: workspace, organisation_id: organisation }: Rule): string {
  return workspace ?? organisation ?? 'everybody'
}

function onlyFor({ match }: Rule): string {
  return (
    Object.entries(match)
      .map(([member, patterns]) => `${member} ${patterns.join(',')}`)
      .join('; ') || '–'
  )
}

function nothingSaid({ settings }: RuleKind, sentence: string, more: readonly string[] = []): SluiceError {
  const flags = settings.map(({ flags: one }) => one.split(' ')[0])
  return new SluiceError('invalid_config', `${sentence}: ${[...more, ...flags].join(', ')}.`)
}
