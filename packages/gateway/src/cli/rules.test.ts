import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { buildConfig, type Environment, providers as presets } from 'sluice'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../compose.ts'
import { printed, runForTests } from './run-for-tests.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-rules-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
})

const environment = (): Environment => ({ SLUICE_DATA_DIR: folder, SLUICE_FIND_LOCAL_SERVERS: 'false' })

function sluice(...words: readonly string[]): Promise<string> {
  return printed(words, environment(), folder)
}

interface Made {
  readonly id: string
  readonly organisation_id: string
}

async function json<Answer>(...words: readonly string[]): Promise<Answer> {
  return JSON.parse(await sluice(...words, '--json')) as Answer
}

test('budgets are made for everybody and for a site, changed, raised and removed', async () => {
  const site = await json<Made>('sites', 'create', 'shop')
  const made = await json<Made>('budgets', 'create', 'all of us', '--amount', '200')
  expect(made).toMatchObject({ name: 'all of us', per: 'all', amount: 200, match: {}, organisation_id: null })
  const words = ['--workspace', site.id, '--per', 'site', '--amount', '50', '--period', 'weekly', '--reset-day', '7']
  const more = ['--time-zone', 'Europe/Berlin', '--alert-at', '0.5,0.8', '--no-stop', '--models', '*-pro, *-max']
  const said = await sluice('budgets', 'create', 'shop', ...words, ...more)
  expect(said).toMatch(
    /^Id +bud_\w+\nName +shop\nOwner +gateway\nOf +ws_\w+\nPer +site\nOnly for +models \*-pro,\*-max\n/,
  )
  expect(said).toMatch(
    /\nBudget +50 USD weekly; from day 7 on; in Europe\/Berlin; told of at 0.5, 0.8; never refused\n$/,
  )
  expect(await json('budgets', 'list', '--workspace', site.id)).toMatchObject([{ name: 'shop' }])
  const changes = ['--amount', '60', '--stop', '--time-zone', 'none', '--period', 'none', '--reset-day', '2']
  expect(await sluice('budgets', 'update', 'shop', ...changes)).toMatch(
    /\nBudget +60 USD monthly; from day 2 on; told of at 0.5, 0.8\n$/,
  )
  expect(await sluice('budgets', 'raise', 'shop', '--by', '5', '--until', '2100-01-01')).toContain('is 65 USD until')
  expect(await sluice('budgets', 'show', 'shop')).toContain('5 more until 2100-01-01T00:00:00.000Z')
  expect(await sluice('budgets', 'end-raise', 'shop')).toContain('"shop" is 60 USD again')
  expect(await sluice('budgets', 'update', made.id, '--name', 'everybody')).toMatch(/\nName +everybody\n/)
  expect(await json('budgets', 'delete', 'shop')).toMatchObject({ deleted: true })
  expect(await sluice('budgets', 'list')).toMatch(
    /^ID .*\nbud_\w+ +everybody +gateway +everybody +all +– +200 USD monthly\n$/,
  )
})

test('limits are made, changed and removed', async () => {
  expect(await sluice('limits', 'list')).toContain('There are no limits')
  const words = [
    '--per',
    'user',
    '--requests-per-minute',
    '10',
    '--tokens-per-day',
    '1000',
    '--of-users',
    'user_1,user_2',
  ]
  expect(await json('limits', 'create', 'people', ...words)).toMatchObject({
    per: 'user',
    match: { users: ['user_1', 'user_2'] },
    requests_per_minute: 10,
    tokens_per_day: 1000,
  })
  const changed = await sluice(
    'limits',
    'update',
    'people',
    '--requests-per-minute',
    'none',
    '--concurrent-requests',
    '2',
  )
  expect(changed).toMatch(/\nLimit +1000 tokens per day; 2 concurrent requests\n$/)
  expect(await sluice('limits', 'show', 'people')).toBe(changed)
  expect(await sluice('limits', 'list')).toMatch(/ people +gateway +everybody +user +users user_1,user_2 +1000 tokens/)
  expect(await sluice('limits', 'delete', 'people')).toMatch(/^lim_\w+ is gone\.\n$/)
})

test('what cannot be is refused with the reason', async () => {
  writeFileSync(
    join(folder, 'sluice.yaml'),
    'budgets:\n  rules:\n    - { name: of the file, per: key, amount: 2 }\nlimits:\n  rules:\n    - { per: key, requests_per_day: 9 }\n',
  )
  for (const _ of [1, 2]) await sluice('budgets', 'create', 'twice', '--amount', '1')
  expect(await sluice('limits', 'list')).toMatch(/\nconfig-1 +– +config +everybody +key +– +9 requests per day\n$/)
  const refused: readonly (readonly [code: number, said: string, words: readonly string[]])[] = [
    [2, "required option '--amount <usd>' not specified", ['budgets', 'create', 'a']],
    [2, '--amount: expected an amount in USD, not "many"', ['budgets', 'create', 'a', '--amount', 'many']],
    [2, '--amount: expected an amount in USD, not "none"', ['budgets', 'update', 'twice', '--amount', 'none']],
    [2, '--alert-at: expected shares', ['budgets', 'create', 'a', '--amount', '1', '--alert-at', '0.5,']],
    [1, '`period`: expected one of daily', ['budgets', 'create', 'a', '--amount', '1', '--period', 'yearly']],
    [1, 'There is no workspace "ws_1"', ['budgets', 'create', 'a', '--amount', '1', '--workspace', 'ws_1']],
    [2, 'Say what is to be changed: --name, --amount', ['budgets', 'update', 'twice']],
    [1, 'Several budgets are called "twice"; give an id: bud_', ['budgets', 'delete', 'twice']],
    [1, 'There is no budget "gone"; sluice budgets list', ['budgets', 'raise', 'gone', '--by', '1', '--until', '1d']],
    [1, 'at `budgets.rules[0]`, which is read-only here', ['budgets', 'update', 'of the file', '--amount', '3']],
    [2, 'Say what the limit is: --requests-per-minute', ['limits', 'create', 'a']],
    [2, '--requests-per-day: expected a whole number', ['limits', 'create', 'a', '--requests-per-day', '0.5']],
    [1, 'at `limits.rules[0]`, which is read-only here', ['limits', 'delete', 'config-1']],
  ]
  for (const [code, said, words] of refused)
    expect(await runForTests(words, environment(), folder), words.join(' ')).toEqual({
      code,
      stdout: '',
      stderr: expect.stringContaining(said) as string,
    })
})

test('a running gateway is asked, as far as the key reaches', async () => {
  const input = {
    server: { port: 0, drain_timeout: 1, data_dir: folder, admin_key: 'the-admin-key-of-the-test' },
  }
  const config = buildConfig({ presets, environment: { SLUICE_FIND_LOCAL_SERVERS: 'false' }, input })
  const gateway = await startGateway(config, { logger: pino({ level: 'silent' }) })
  onTestFinished(() => gateway.close())
  const root = ['--url', gateway.url, '--key', 'the-admin-key-of-the-test']
  const { organisation_id: organisation } = await json<Made>('sites', 'create', 'shop', ...root)
  const roles = ['keys', 'create', 'ours', '--organisation', organisation, '--role', 'admin']
  const { key } = await json<{ readonly key: string }>(...roles, ...root)
  const theirs = ['--url', gateway.url, '--key', key]
  await sluice('budgets', 'create', 'above', '--amount', '9', '--organisation', organisation, ...root)
  expect(await json('budgets', 'create', 'own', '--amount', '1', ...theirs)).toMatchObject({
    owner: 'organisation',
    organisation_id: organisation,
  })
  expect(await sluice('budgets', 'list', ...theirs)).toMatch(/ own +organisation[^]+ above +gateway/)
  await expect(sluice('budgets', 'update', 'above', '--amount', '10', ...theirs)).rejects.toThrow(
    'set by whoever runs the gateway',
  )
})
