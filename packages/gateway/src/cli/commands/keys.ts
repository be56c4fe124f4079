import { SluiceError } from '@sluice/protocol'
import { Command } from 'commander'
import { findId } from '../find-id.ts'
import { formatTable } from '../format-table.ts'
import { keySettings, withKeySettings } from '../key-settings.ts'
import type { AdminClient } from '../open-admin-client.ts'
import { type AdminOptions, withAdminOptions } from '../options.ts'
import { readDuration } from '../read-duration.ts'
import type { Terminal } from '../terminal.ts'
import { withAdminClient } from '../with-admin-client.ts'

interface Settings extends AdminOptions, Readonly<Record<string, unknown>> {
  readonly name?: string
  readonly organisation?: string
  readonly workspace?: string
  readonly user?: string
}

/** What is used here of a key as the admin API shows it. */
interface Key {
  readonly id: string
  readonly name: string
  readonly key?: string
  readonly prefix: string
  readonly role: string | null
  readonly workspace_id: string | null
  readonly models: readonly string[] | null
  readonly providers: readonly string[] | null
  readonly addresses: readonly string[] | null
  readonly sites: readonly string[] | null
  readonly limits: Readonly<Record<string, number>> | null
  readonly budget: { readonly amount: number; readonly period?: string } | null
  readonly expires_at: string | null
  readonly blocked_at: string | null
  readonly previous_expires_at: string | null
}

const keys = { path: '/keys', object: 'key', id: /^key_\w+$/ }

/** `sluice keys create|list|show|update|rotate|block|unblock|delete` */
export function keysCommand(terminal: Terminal): Command {
  const create = withAdminOptions(new Command('create'))
    .description('Make a key and print it, this once.')
    .argument('<name>', 'what it is called in lists')
    .option('--organisation <id>', 'whose it is')
    .option('--workspace <id>', 'the team, site or project that it is of')
    .option('--user <id>', 'the user that it is of')
  withKeySettings(create, 'new').action((name: string, options: Settings) => createKey(name, options, terminal))
  const all = withAdminOptions(new Command('list'))
    .description('List keys, the newest first.')
    .option('--organisation <id>', 'of an organisation')
    .option('--workspace <id>', 'of a team, site or project')
    .option('--user <id>', 'of a user')
    .action((options: Settings) => listKeys(options, terminal))
  const show = withAdminOptions(new Command('show'))
    .description('Show a key, without its text.')
    .argument('<key>', 'its id or name')
    .action((key: string, options: AdminOptions) =>
      act(key, options, terminal, (client, id) => client.request('GET', id)),
    )
  const update = withAdminOptions(new Command('update'))
    .description('Change what a key may do, from the next request on.')
    .argument('<key>', 'its id or name')
    .option('--name <name>', 'what it is called in lists')
  withKeySettings(update, 'change').action((key: string, options: Settings) => updateKey(key, options, terminal))
  const rotate = withAdminOptions(new Command('rotate'))
    .description('Give a key a new text and print it, this once. The old one is taken for a while yet.')
    .argument('<key>', 'its id or name')
    .option('--overlap <time>', 'how long the old one is taken: 1d, 2h, 0 (default: 1d)')
    .action((key: string, options: AdminOptions & { readonly overlap?: string }) => rotateKey(key, options, terminal))
  const block = withAdminOptions(new Command('block'))
    .description('Refuse a key, until it is unblocked.')
    .argument('<key>', 'its id or name')
    .action((key: string, options: AdminOptions) =>
      act(key, options, terminal, (client, id) => client.request('POST', `${id}/block`)),
    )
  const unblock = withAdminOptions(new Command('unblock'))
    .description('Take a key again.')
    .argument('<key>', 'its id or name')
    .action((key: string, options: AdminOptions) =>
      act(key, options, terminal, (client, id) => client.request('POST', `${id}/unblock`)),
    )
  const remove = withAdminOptions(new Command('delete'))
    .description('Remove a key for good.')
    .argument('<key>', 'its id or name')
    .action((key: string, options: AdminOptions) => deleteKey(key, options, terminal))
  const command = new Command('keys').description('Manage the keys of callers.')
  for (const one of [create, all, show, update, rotate, block, unblock, remove]) command.addCommand(one)
  return command
}

async function createKey(name: string, options: Settings, terminal: Terminal): Promise<void> {
  const { organisation, workspace, user } = options
  const body = {
    name,
    ...(organisation !== undefined && { organisation_id: organisation }),
    ...(workspace !== undefined && { workspace_id: workspace }),
    ...(user !== undefined && { user_id: user }),
    ...keySettings(options),
  }
  await withAdminClient(options, terminal, async (client) => {
    const key = (await client.request('POST', '/keys', body)) as Key
    printNew(key, `The key "${key.name}" was made`, options, terminal)
  })
}

async function updateKey(given: string, options: Settings, terminal: Terminal): Promise<void> {
  const { name } = options
  await act(given, options, terminal, async (client, path) => {
    const body = {
      ...(name !== undefined && { name }),
      ...keySettings(options, (await client.request('GET', path)) as Key),
    }
    if (Object.keys(body).length === 0)
      throw new SluiceError('invalid_config', 'Say what is to be changed; --help shows what is possible.')
    return client.request('PATCH', path, body)
  })
}

async function listKeys(options: Settings, terminal: Terminal): Promise<void> {
  const query = new URLSearchParams()
  if (options.organisation !== undefined) query.set('organisation_id', options.organisation)
  if (options.workspace !== undefined) query.set('workspace_id', options.workspace)
  if (options.user !== undefined) query.set('user_id', options.user)
  await withAdminClient(options, terminal, async (client) => {
    const all: Key[] = []
    for await (const page of client.pages<Key>('/keys', query)) all.push(...page)
    if (all.length === 0) await checkOwners(options, client)
    if (options.json) {
      terminal.stdout.write(`${JSON.stringify(all, undefined, 2)}\n`)
      return
    }
    if (all.length === 0) {
      terminal.stdout.write(
        query.size > 0 ? 'There are no such keys.\n' : 'There are no keys. Make one: sluice keys create NAME\n',
      )
      return
    }
    const rows = all.map((key) => [key.id, key.name, key.prefix, stateOf(key), key.role ?? '–', limitsOf(key)])
    terminal.stdout.write(formatTable([['ID', 'NAME', 'KEY', 'STATE', 'ROLE', 'LIMITS'], ...rows]))
  })
}

/** Nobody's keys are none either. @throws SluiceError `resource_not_found` */
async function checkOwners({ organisation, workspace, user }: Settings, client: AdminClient): Promise<void> {
  const owners = { organisations: organisation, workspaces: workspace, users: user }
  for (const [list, id] of Object.entries(owners))
    if (id !== undefined) await client.request('GET', `/${list}/${encodeURIComponent(id)}`)
}

async function rotateKey(
  given: string,
  options: AdminOptions & { readonly overlap?: string },
  terminal: Terminal,
): Promise<void> {
  const { overlap } = options
  const body = overlap === undefined ? {} : { overlap: readDuration(overlap, '--overlap') / 1000 }
  await withAdminClient(options, terminal, async (client) => {
    const key = (await client.request('POST', `/keys/${await findId(given, keys, client)}/rotate`, body)) as Key
    const until = key.previous_expires_at
    const old = until === null ? 'the old one is refused from now on' : `the old one is taken until ${until}`
    printNew(key, `The key "${key.name}" has a new text; ${old}`, options, terminal)
  })
}

/** @param ask given the key's path */
async function act(
  given: string,
  options: AdminOptions,
  terminal: Terminal,
  ask: (client: AdminClient, path: string) => Promise<unknown>,
): Promise<void> {
  await withAdminClient(options, terminal, async (client) => {
    const key = (await ask(client, `/keys/${await findId(given, keys, client)}`)) as Key
    if (options.json) terminal.stdout.write(`${JSON.stringify(key, undefined, 2)}\n`)
    else
      terminal.stdout.write(
        formatTable([
          ['Id', key.id],
          ['Name', key.name],
          ['Key', key.prefix],
          ['State', stateOf(key)],
          ['Role', key.role ?? 'none: for calling models only'],
          ['Limits', limitsOf(key)],
        ]),
      )
  })
}

async function deleteKey(given: string, options: AdminOptions, terminal: Terminal): Promise<void> {
  await withAdminClient(options, terminal, async (client) => {
    const id = await findId(given, keys, client)
    await client.request('DELETE', `/keys/${id}`)
    terminal.stdout.write(options.json ? `${JSON.stringify({ id, deleted: true })}\n` : `${id} is gone.\n`)
  })
}

function printNew(key: Key, sentence: string, options: AdminOptions, terminal: Terminal): void {
  terminal.stdout.write(
    options.json
      ? `${JSON.stringify(key, undefined, 2)}\n`
      : `${sentence}. It is shown this once:\n\n  ${key.key ?? ''}\n\nIts id is ${key.id}.\n`,
  )
}

function stateOf({ blocked_at: blocked, expires_at: expires }: Key): string {
  if (blocked !== null) return 'blocked'
  if (expires === null) return 'active'
  return Date.parse(expires) <= Date.now() ? 'expired' : `until ${expires.slice(0, 16)}Z`
}

function limitsOf({ models, providers, addresses, sites, limits: amounts, budget }: Key): string {
  const limits = [
    ...(models === null ? [] : [`models ${models.join(',')}`]),
    ...(providers === null ? [] : [`providers ${providers.join(',')}`]),
    ...(addresses === null ? [] : [`from ${addresses.join(',')}`]),
    ...(sites === null ? [] : [`for ${sites.join(',')}`]),
    ...Object.entries(amounts ?? {}).map(([name, most]) => `${most} ${name.replaceAll('_', ' ')}`),
    ...(budget === null ? [] : [`${budget.amount} USD ${budget.period ?? 'monthly'}`]),
  ]
  return limits.join('; ') || '–'
}
