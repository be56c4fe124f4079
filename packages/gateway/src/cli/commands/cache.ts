import { SluiceError } from '@sluice/protocol'
import { Command } from 'commander'
import { findId } from '../find-id.ts'
import { formatTable } from '../format-table.ts'
import { adminKeyOption, type AdminOptions, configOption, jsonOption, runningUrlOption } from '../options.ts'
import type { Terminal } from '../terminal.ts'
import { withAdminClient } from '../with-admin-client.ts'

interface PurgeOptions extends AdminOptions {
  readonly model?: string
  readonly provider?: string
  readonly organisation?: string
  readonly workspace?: string
  readonly ofKey?: string
}

/** What is used here of the cache as the admin API shows it. */
interface Status {
  readonly enabled: boolean
  readonly kept_in: string | null
  readonly entries: number | null
  readonly bytes: number | null
  readonly max_bytes: number | null
  readonly ttl_seconds: number | null
  readonly share: string | null
  readonly requests: Readonly<Record<'hit' | 'semantic' | 'shared' | 'miss' | 'off', number>> | null
  readonly hit_rate: number | null
}

interface Purge {
  readonly enabled: boolean
  readonly purged: number
}

const noCache = 'There is no cache: the configuration has no `cache`.'

/** Those of the config are in no list. */
const keys = { path: '/keys', object: 'key', id: /^(?:key[_-]\w+|local|admin-key)$/ }

/** `sluice cache status|purge` */
export function cacheCommand(terminal: Terminal): Command {
  const status = common(new Command('status'))
    .description('Show what the cache of a running gateway keeps.')
    .action((options: AdminOptions) => showStatus(options, terminal))
  const purge = common(new Command('purge'))
    .description('Forget kept answers: all of them, or those that fit.')
    .option('--model <name>', 'of a model, as its provider names it, or provider/model')
    .option('--provider <id>', 'of a provider')
    .option('--organisation <id>', 'that were first asked for by an organisation')
    .option('--workspace <id>', 'by a team, site or project')
    .option('--of-key <key>', 'by a key: its id or name')
    .action((options: PurgeOptions) => purgeCache(options, terminal))
  return new Command('cache').description('Look after kept answers.').addCommand(status).addCommand(purge)
}

function common(command: Command): Command {
  return command
    .addOption(runningUrlOption())
    .addOption(adminKeyOption())
    .addOption(configOption())
    .addOption(jsonOption())
}

async function showStatus(options: AdminOptions, terminal: Terminal): Promise<void> {
  await withAdminClient(options, terminal, async (client) => {
    const status = (await client.request('GET', '/cache')) as Status
    if (options.json) terminal.stdout.write(`${JSON.stringify(status, undefined, 2)}\n`)
    else if (!status.enabled) terminal.stdout.write(`${noCache}\n`)
    else {
      const { requests, hit_rate: rate } = status
      terminal.stdout.write(
        formatTable([
          ['Kept in', status.kept_in ?? '–'],
          ['Answers', count(status.entries)],
          [
            'Bytes',
            status.max_bytes === null ? count(status.bytes) : `${count(status.bytes)} of ${count(status.max_bytes)}`,
          ],
          ['For', `${status.ttl_seconds} s`],
          ['Shared', `by ${status.share}`],
          [
            'Hits',
            `${count(requests?.hit)}, ${count(requests?.semantic)} alike, ${count(requests?.shared)} with others`,
          ],
          ['Misses', count(requests?.miss)],
          ['Off', count(requests?.off)],
          ['Rate', rate === null ? '–' : `${Math.round(rate * 1000) / 10} %`],
        ]),
      )
    }
  })
}

async function purgeCache(options: PurgeOptions, terminal: Terminal): Promise<void> {
  const { model, provider, organisation, workspace, ofKey } = options
  await withAdminClient(options, terminal, async (client) => {
    const key = ofKey === undefined ? undefined : await findId(ofKey, keys, client)
    const given = { model, provider, organisation_id: organisation, workspace_id: workspace, key_id: key }
    const body = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    const answer = (await client.request('POST', '/cache/purge', body)) as Purge
    if (!answer.enabled)
      throw new SluiceError('invalid_request', `${noCache} Give --config, or --url of the gateway that has one.`)
    terminal.stdout.write(
      options.json
        ? `${JSON.stringify(answer)}\n`
        : `${count(answer.purged)} answer${answer.purged === 1 ? ' is' : 's are'} forgotten.\n`,
    )
    if (answer.purged === 0 && !options.json && Object.keys(body).length > 0)
      terminal.stderr.write(
        'No kept answer fits what was given: `sluice models` lists the names of models, `sluice keys list` the ids of keys.\n',
      )
  })
}

function count(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : value.toLocaleString('en')
}
