import { SluiceError } from '@sluice/protocol'
import { Command } from 'commander'
import { findId, notFound } from '../find-id.ts'
import { formatTable } from '../format-table.ts'
import type { AdminClient } from '../open-admin-client.ts'
import { type AdminOptions, withAdminOptions } from '../options.ts'
import type { Terminal } from '../terminal.ts'
import { withAdminClient } from '../with-admin-client.ts'

interface Settings extends AdminOptions {
  readonly organisation?: string
  readonly provider?: string
  readonly model?: string
  readonly baseUrl?: string
  readonly providerKey: readonly string[]
}

/** What is used here of what the admin API shows. */
interface Site {
  readonly id: string
  readonly name: string
  readonly kind: string
}
interface AiSettings {
  readonly provider: string
  readonly default_model: string | null
  readonly base_url: string | null
  readonly own_keys: readonly string[]
}
interface List<Row> {
  readonly data: readonly Row[]
  readonly next: string | null
}

/** `sluice sites create|list|show|set|delete` */
export function sitesCommand(terminal: Terminal): Command {
  const create = withSettings(withAdminOptions(new Command('create')))
    .description('Make a site: keys that are of it use its providers.')
    .argument('<name>', 'what it is called in lists')
    .option('--organisation <id>', 'whose it is (default: the only one, which is made where there is none)')
    .action((name: string, options: Settings) => createSite(name, options, terminal))
  const all = withAdminOptions(new Command('list'))
    .description('List sites, the newest first.')
    .action((options: AdminOptions) => listSites(options, terminal))
  const show = withAdminOptions(new Command('show'))
    .description('Show a site and the providers that it uses.')
    .argument('<site>', 'its id or name')
    .action((given: string, options: AdminOptions) =>
      withAdminClient(options, terminal, async (client) =>
        print(await findSite(given, client), client, options, terminal),
      ),
    )
  const set = withSettings(withAdminOptions(new Command('set')))
    .description('Say which providers a site uses.')
    .argument('<site>', 'its id or name')
    .action((given: string, options: Settings) =>
      withAdminClient(options, terminal, async (client) => {
        const site = await findSite(given, client)
        await client.request('PATCH', `${pathOf(site.id)}/ai-settings`, readSettings(options, terminal) ?? {})
        await print(site, client, options, terminal)
      }),
    )
  const remove = withAdminOptions(new Command('delete'))
    .description('Remove a site that has no keys any more.')
    .argument('<site>', 'its id or name')
    .action((given: string, options: AdminOptions) =>
      withAdminClient(options, terminal, async (client) => {
        const { id } = await findSite(given, client)
        await client.request('DELETE', pathOf(id))
        terminal.stdout.write(options.json ? `${JSON.stringify({ id, deleted: true })}\n` : `${id} is gone.\n`)
      }),
    )
  const command = new Command('sites').description('Manage sites, and the providers that they use.')
  for (const one of [create, all, show, set, remove]) command.addCommand(one)
  return command
}

function withSettings(command: Command): Command {
  return command
    .option('--provider <id>', 'the provider that its requests go to, or auto')
    .option('--base-url <url>', 'where the provider is, if the site has its own; empty: where it is for all')
    .option('--model <name>', 'the model of requests that name none')
    .option(
      '--provider-key <provider=VARIABLE>',
      'the environment variable that holds its own key of a provider; without a variable, take the key away; may be repeated',
      (text: string, list: readonly string[]): readonly string[] => [...list, text],
      [],
    )
}

const sites = { path: '/workspaces', query: { kind: 'site' }, object: 'site', id: /^ws_\w+$/ }

/** One that is there, and is a site and no team. */
async function findSite(given: string, client: AdminClient): Promise<Site> {
  const id = await findId(given, sites, client)
  try {
    const site = (await client.request('GET', pathOf(id))) as Site
    if (site.kind === 'site') return site
  } catch (error) {
    if (!(error instanceof SluiceError && error.code === 'resource_not_found')) throw error
  }
  throw notFound(given, sites)
}

async function createSite(name: string, options: Settings, terminal: Terminal): Promise<void> {
  const settings = readSettings(options, terminal)
  await withAdminClient(options, terminal, async (client) => {
    const organisation = options.organisation ?? (await onlyOrganisation(client))
    const body = { organisation_id: organisation, kind: 'site', name }
    const site = (await client.request('POST', '/workspaces', body)) as Site
    const { id } = site
    try {
      if (settings !== undefined) await client.request('PATCH', `${pathOf(id)}/ai-settings`, settings)
    } catch (error) {
      // What went wrong before is what there is to say.
      await client.request('DELETE', pathOf(id)).catch(() => undefined)
      throw error
    }
    await print(site, client, options, terminal)
    if (!options.json) terminal.stdout.write(`\nMake a key for it: sluice keys create NAME --workspace ${id}\n`)
  })
}

async function onlyOrganisation(client: AdminClient): Promise<string> {
  const { data } = (await client.request('GET', '/organisations')) as List<Site>
  const [first, second] = data
  if (first !== undefined && second === undefined) return first.id
  if (first === undefined) return ((await client.request('POST', '/organisations', { name: 'Default' })) as Site).id
  const all = data.map(({ id, name }) => `${id} (${name})`).join(', ')
  throw new SluiceError('invalid_config', `Say whose it is, by --organisation: ${all}.`)
}

async function listSites(options: AdminOptions, terminal: Terminal): Promise<void> {
  await withAdminClient(options, terminal, async (client) => {
    const all: Site[] = []
    const query = new URLSearchParams(sites.query)
    for await (const page of client.pages<Site>('/workspaces', query)) all.push(...page)
    if (options.json) terminal.stdout.write(`${JSON.stringify(all, undefined, 2)}\n`)
    else if (all.length === 0) terminal.stdout.write('There are no sites. Make one: sluice sites create NAME\n')
    else terminal.stdout.write(formatTable([['ID', 'NAME'], ...all.map(({ id, name }) => [id, name])]))
  })
}

async function print(site: Site, client: AdminClient, options: AdminOptions, terminal: Terminal): Promise<void> {
  const settings = await settingsOf(site.id, client)
  if (options.json) {
    terminal.stdout.write(`${JSON.stringify({ ...site, ai_settings: settings ?? null }, undefined, 2)}\n`)
    return
  }
  const providers =
    settings === undefined
      ? [['Providers', 'those of the gateway']]
      : [
          ['Provider', settings.provider],
          ...(settings.base_url === null ? [] : [['Address', settings.base_url]]),
          ['Own keys', settings.own_keys.join(', ') || 'none'],
          ['Model', settings.default_model ?? "the provider's"],
        ]
  terminal.stdout.write(formatTable([['Id', site.id], ['Name', site.name], ...providers]))
}

async function settingsOf(id: string, client: AdminClient): Promise<AiSettings | undefined> {
  try {
    return (await client.request('GET', `${pathOf(id)}/ai-settings`)) as AiSettings
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'resource_not_found') return undefined
    throw error
  }
}

function pathOf(id: string): string {
  return `/workspaces/${encodeURIComponent(id)}`
}

/** As the admin API takes them; `undefined` where nothing was said. */
function readSettings(
  { provider, model, baseUrl, providerKey }: Settings,
  { environment }: Terminal,
): object | undefined {
  const keys = providerKey.map((text): [string, string | null] => {
    const [, id = '', variable = ''] = /^([\w.-]+)(?:=(\w*))?$/.exec(text) ?? []
    if (id === '')
      throw new SluiceError('invalid_config', '--provider-key: write provider=VARIABLE, as openai=SHOP_OPENAI_KEY.')
    if (variable === '') return [id, null]
    const key = environment[variable]?.trim()
    if (key) return [id, key]
    throw new SluiceError('invalid_config', `--provider-key: the environment variable ${variable} is not set.`)
  })
  if (provider === undefined && model === undefined && baseUrl === undefined && keys.length === 0) return undefined
  return {
    ...(provider !== undefined && { provider }),
    ...(model !== undefined && { default_model: model }),
    ...(baseUrl !== undefined && { base_url: baseUrl === '' ? null : baseUrl }),
    ...(keys.length > 0 && { keys: Object.fromEntries(keys) }),
  }
}
