import { SluiceError } from '@sluice/protocol'
import { Command } from 'commander'
import { formatTable } from '../format-table.ts'
import type { AdminClient } from '../open-admin-client.ts'
import { type AdminOptions, withAdminOptions } from '../options.ts'
import { readDuration } from '../read-duration.ts'
import { readEnd } from '../read-moment.ts'
import type { Terminal } from '../terminal.ts'
import { withAdminClient } from '../with-admin-client.ts'

interface Settings extends AdminOptions {
  readonly organisation?: string
  readonly workspace?: string
  readonly user?: string
  readonly role?: string
  readonly models?: readonly string[]
  readonly providers?: readonly string[]
  readonly operations?: readonly string[]
  readonly sites?: readonly string[]
  readonly from?: readonly string[]
  readonly tags?: readonly string[]
  readonly route?: string
  readonly expires?: string
  readonly requestsPerMinute?: number
  readonly tokensPerMinute?: number
  readonly concurrentRequests?: number
  readonly budget?: number
  readonly budgetPeriod?: string
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

/** `sluice keys create|list|show|rotate|block|unblock|delete` */
export function keysCommand(terminal: Terminal): Command {
  const create = withAdminOptions(new Command('create'))
    .description('Make a key and print it, this once.')
    .argument('<name>', 'what it is called in lists')
    .option('--organisation <id>', 'whose it is')
    .option('--workspace <id>', 'the team, site or project that it is of')
    .option('--user <id>', 'the user that it is of')
    .option('--models <patterns>', 'the models that it may use: "gpt-*,!*-pro,anthropic/*"', list)
    .option('--providers <patterns>', 'the providers that it may use', list)
    .option('--operations <names>', 'what it may be used for: chat,embed', list)
    .option('--from <addresses>', 'where it may be used from: 203.0.113.7,10.0.0.0/8', list)
    .option('--sites <ids>', 'the sites that it may act for, beside its own requests', list)
    .option('--tags <tags>', 'for reports and budgets', list)
    .option('--route <name>', 'the model or route of requests that name none')
    .option(
      '--requests-per-minute <number>',
      'how many requests it may make in a minute',
      count('--requests-per-minute'),
    )
    .option('--tokens-per-minute <number>', 'how many tokens it may use in a minute', count('--tokens-per-minute'))
    .option('--concurrent-requests <number>', 'how many requests at once', count('--concurrent-requests'))
    .option('--budget <usd>', 'what it may spend: 1, 0.5', dollars)
    .option('--budget-period <period>', 'daily, weekly, monthly or total (default: monthly)')
    .option('--expires <when>', 'for how long, as 30d, 12h, 45m, or until when, as 2027-01-31')
    .option('--role <role>', 'for the admin API: owner, admin, operator, developer or viewer')
    .action((name: string, options: Settings) => createKey(name, options, terminal))
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
  for (const one of [create, all, show, rotate, block, unblock, remove]) command.addCommand(one)
  return command
}

function list(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function count(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (Number.isSafeInteger(value) && value > 0) return value
    throw new SluiceError('invalid_request', `${option}: expected a whole number above 0, not ${JSON.stringify(text)}.`)
  }
}

function dollars(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0) return value
  throw new SluiceError('invalid_request', `--budget: expected an amount in USD, not ${JSON.stringify(text)}.`)
}

function limitsGiven(options: Settings): Readonly<Record<string, number>> | undefined {
  const { requestsPerMinute, tokensPerMinute, concurrentRequests } = options
  const limits = {
    ...(requestsPerMinute !== undefined && { requests_per_minute: requestsPerMinute }),
    ...(tokensPerMinute !== undefined && { tokens_per_minute: tokensPerMinute }),
    ...(concurrentRequests !== undefined && { concurrent_requests: concurrentRequests }),
  }
  return Object.keys(limits).length === 0 ? undefined : limits
}

async function createKey(name: string, options: Settings, terminal: Terminal): Promise<void> {
  const { organisation, workspace, user, models, providers, operations, from, sites, tags, route, expires, role } =
    options
  const { budget, budgetPeriod: period } = options
  if (period !== undefined && budget === undefined)
    throw new SluiceError('invalid_request', '--budget-period says how often a budget begins anew: give --budget too.')
  const given = {
    name,
    organisation_id: organisation,
    workspace_id: workspace,
    user_id: user,
    models,
    providers,
    operations,
    addresses: from,
    sites,
    tags,
    default_route: route,
    limits: limitsGiven(options),
    budget: budget === undefined ? undefined : { amount: budget, ...(period !== undefined && { period }) },
    expires_at: expires === undefined ? undefined : readEnd(expires, '--expires'),
    role,
  }
  const body = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  await withAdminClient(options, terminal, async (client) => {
    const key = (await client.request('POST', '/keys', body)) as Key
    printNew(key, `The key "${key.name}" was made`, options, terminal)
  })
}

async function listKeys(options: Settings, terminal: Terminal): Promise<void> {
  const query = new URLSearchParams()
  if (options.organisation !== undefined) query.set('organisation_id', options.organisation)
  if (options.workspace !== undefined) query.set('workspace_id', options.workspace)
  if (options.user !== undefined) query.set('user_id', options.user)
  await withAdminClient(options, terminal, async (client) => {
    const keys: Key[] = []
    for await (const page of client.pages<Key>('/keys', query)) keys.push(...page)
    if (options.json) {
      terminal.stdout.write(`${JSON.stringify(keys, undefined, 2)}\n`)
      return
    }
    if (keys.length === 0) {
      terminal.stdout.write('There are no keys. Make one: sluice keys create NAME\n')
      return
    }
    const rows = keys.map((key) => [key.id, key.name, key.prefix, stateOf(key), key.role ?? '–', limitsOf(key)])
    terminal.stdout.write(formatTable([['ID', 'NAME', 'KEY', 'STATE', 'ROLE', 'LIMITS'], ...rows]))
  })
}

async function rotateKey(
  given: string,
  options: AdminOptions & { readonly overlap?: string },
  terminal: Terminal,
): Promise<void> {
  const { overlap } = options
  const body = overlap === undefined ? {} : { overlap: readDuration(overlap, '--overlap') / 1000 }
  await withAdminClient(options, terminal, async (client) => {
    const key = (await client.request('POST', `/keys/${await idOf(given, client)}/rotate`, body)) as Key
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
    const key = (await ask(client, `/keys/${await idOf(given, client)}`)) as Key
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
    const id = await idOf(given, client)
    await client.request('DELETE', `/keys/${id}`)
    terminal.stdout.write(options.json ? `${JSON.stringify({ id, deleted: true })}\n` : `${id} is gone.\n`)
  })
}

/** Of a key that is given by its id, or by a name that only one has. */
async function idOf(given: string, client: AdminClient): Promise<string> {
  if (/^key_\w+$/.test(given)) return given
  const { data } = (await client.request('GET', `/keys?${new URLSearchParams({ name: given })}`)) as {
    data: readonly Key[]
  }
  const [first] = data
  if (first !== undefined && data.length === 1) return first.id
  throw new SluiceError(
    first === undefined ? 'resource_not_found' : 'conflict',
    first === undefined
      ? `There is no key ${JSON.stringify(given)}; sluice keys list shows them all.`
      : `Several keys are called ${JSON.stringify(given)}; give an id: ${data.map(({ id }) => id).join(', ')}.`,
  )
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
