import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator } from '@sluice/simulator'
import { pino } from 'pino'
import { buildConfig, providers as presets } from 'sluice'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { type Gateway, startGateway } from '../compose.ts'
import { type Outcome, printed, runForTests } from './run-for-tests.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-admin-commands-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function sluice(...words: readonly string[]): Promise<string> {
  return printed(words, { SLUICE_DATA_DIR: folder, SLUICE_FIND_LOCAL_SERVERS: 'false' }, folder)
}

test.each(['mysql://me:secret@db/app', 'postgres://me:a#b@db/app'])(
  '%s is no place to manage anything in',
  async (url) => {
    const { code, stdout, stderr } = await runForTests(['keys', 'create', 'a'], { DATABASE_URL: url }, folder)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/environment variable DATABASE_URL, server.database_url: .* Expected postgres:/)
    expect(readdirSync(folder)).toEqual([])
  },
)

test('what was changed is shown, by whom and when', async () => {
  expect(await sluice('audit')).toContain('Nothing was changed')
  await sluice('keys', 'create', 'first')
  await sluice('keys', 'create', 'second')
  await sluice('keys', 'block', 'second')
  const all = (await sluice('audit')).trimEnd().split('\n')
  expect(all).toHaveLength(4)
  expect(all[1]).toMatch(/^\d{4}-\S+Z +local +keys\.block +key_\w+ +blocked_at$/)
  expect(await sluice('audit', '--action', 'keys.create', '--limit', '1')).toMatch(/keys\.create +key_\w+ +second\n$/)
  expect(await sluice('audit', '--kind', 'users')).toContain('Nothing was changed')
  expect(await sluice('audit', '--until', '1d')).toContain('Nothing was changed')
  expect(JSON.parse(await sluice('audit', '--since', '1h', '--json'))).toHaveLength(3)
  await expect(sluice('audit', '--since', 'yore')).rejects.toThrow('--since')
  await expect(sluice('audit', '--limit', '0')).rejects.toThrow('above 0')
})

test('the configuration that runs is shown, with where it comes from and without secrets', async () => {
  writeFileSync(
    join(folder, 'sluice.yaml'),
    'server:\n  admin_key: the-admin-key-of-the-test\nlimits:\n  rules:\n    - { name: pace, per: key, requests_per_minute: 60 }\nbudgets:\n  rules:\n    - { name: small, per: key, amount: 2 }\n',
  )
  const said = await sluice('config', 'show')
  expect(said).toMatch(/^Sluice \S+, sluice\.yaml\n/)
  expect(said).toMatch(/budgets\.rules\[0\] +small, per key: 2 USD monthly/)
  expect(said).toMatch(/limits\.rules\[0\] +pace, per key: 60 requests a minute/)
  expect(said).toMatch(/server\.admin_key +\[secret\] +sluice\.yaml:2/)
  expect(said).toMatch(/\nbudgets +1 +0\n/)
  expect(said).not.toContain('the-admin-key-of-the-test')
  expect(await sluice('config', 'show', 'limits')).not.toContain('budgets')
  expect(JSON.parse(await sluice('config', 'show', '--json'))).toMatchObject({ object: 'config', file: 'sluice.yaml' })
})

/** With the admin key `root`, and nothing but the models of a simulator. */
async function startCaching(): Promise<Gateway> {
  const simulator = await startSimulator({ models: ['small', 'large'] })
  const input = {
    default_provider: 'lab',
    providers: { lab: { type: 'openai_compatible', base_url: simulator.url, api_key: 'upstream-key' } },
    server: { port: 0, data_dir: join(folder, 'gateway'), admin_key: 'root', find_local_servers: false },
    cache: {},
  } as const
  const gateway = await startGateway(buildConfig({ presets, environment: {}, input }), {
    logger: pino({ level: 'silent' }),
  })
  onTestFinished(async () => {
    await simulator.close()
    await gateway.close()
  })
  return gateway
}

test('the cache of a running gateway is shown and purged', async () => {
  const gateway = await startCaching()
  const there = ['--url', gateway.url, '--key', 'root']
  const ask = async (content: string): Promise<string | null> => {
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer root', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'small', messages: [{ role: 'user', content }] }),
    })
    await answer.text()
    return answer.headers.get('x-sluice-cache')
  }
  for (const content of ['one', 'two', 'one']) await ask(content)
  const said = await sluice('cache', 'status', ...there)
  expect(said).toMatch(/Kept in +memory\nAnswers +2\nBytes +[\d,]+ of 67,108,864\n/)
  expect(said).toMatch(/Hits +1, 0 alike, 0 with others\nMisses +2\n/)
  expect(await sluice('cache', 'purge', '--model', 'large', ...there)).toBe('0 answers are forgotten.\n')
  expect(await sluice('cache', 'purge', '--model', 'lab/small', ...there)).toBe('2 answers are forgotten.\n')
  expect(await ask('one')).toBe('miss')
  expect(await sluice('cache', 'purge', ...there)).toBe('1 answer is forgotten.\n')
  expect(await sluice('audit', '--kind', 'cache', ...there)).toMatch(/admin-key +cache\.purge +cache/)
  writeFileSync(join(folder, 'sluice.yaml'), 'cache: {}\n')
  await expect(sluice('cache', 'status')).rejects.toThrow('--url')
})

test('a purge that fits nothing says so, and of a key that is none, that', async () => {
  const gateway = await startCaching()
  const purge = (...words: readonly string[]): Promise<Outcome> =>
    runForTests(['cache', 'purge', '--url', gateway.url, '--key', 'root', ...words], {}, folder)
  const forgotten = { code: 0, stdout: '0 answers are forgotten.\n' }
  const remark = expect.stringMatching(/^No kept answer fits/) as string
  expect(await purge('--model', 'nonexist')).toEqual({ ...forgotten, stderr: remark })
  expect(await purge('--of-key', 'key-1')).toEqual({ ...forgotten, stderr: remark })
  expect(await purge()).toEqual({ ...forgotten, stderr: '' })
  expect(await purge('--of-key', 'nope')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no key "nope"') as string,
  })
})

test('who has no cache is told so', async () => {
  expect(await sluice('cache', 'status')).toContain('There is no cache')
  const { code, stdout, stderr } = await runForTests(['cache', 'purge'], { SLUICE_DATA_DIR: folder }, folder)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toBe(
    'There is no cache: the configuration has no `cache`. Give --config, or --url of the gateway that has one.\n',
  )
})

test('a wrong time, list or kind is told from one that is empty', async () => {
  await sluice('keys', 'create', 'first')
  const refusals: readonly (readonly [words: readonly string[], said: string])[] = [
    [
      ['audit', '--since', 'yesterday'],
      '--since: write a time such as 30d, 12h, 45m or 90s, or a date such as 2026-11-01.',
    ],
    [
      ['audit', '--kind', 'nonsense'],
      '`kind`: expected one of organisations, workspaces, users, keys, limits, budgets, ai-settings, sessions, cache, found "nonsense".',
    ],
    [['keys', 'list', '--workspace', 'ws_0'], 'There is no workspace "ws_0" that you may see.'],
    [['keys', 'list', '--user', 'nope'], 'There is no user "nope" that you may see.'],
  ]
  for (const [words, said] of refusals) await expect(sluice(...words)).rejects.toThrow(said)
  const { id } = JSON.parse(await sluice('sites', 'create', 'Shop', '--json')) as { readonly id: string }
  expect(await sluice('keys', 'list', '--workspace', id)).toBe('There are no such keys.\n')
})

test('help is a command too', async () => {
  expect(await sluice('help')).toContain('Usage: sluice')
  expect(await sluice('help', 'keys')).toBe(await sluice('keys', '--help'))
  expect(await sluice('keys', 'list', '--help')).toMatch(/--key <key> +admin key for --url/)
})
