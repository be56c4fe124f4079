import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { adminOf, chat, makeKey, rootKey } from '../access/admin-client.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../start-test-gateway.ts'

const price = { input: 1, output: 2 }
const priced = { models: [{ id: 'lab/small', price }] }

async function start(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const { config, ...rest } = options
  const gateway = await startTestGateway({
    ...rest,
    config: { ...priced, ...config, server: { admin_key: rootKey, ...config?.server } },
  })
  onTestFinished(() => gateway.close())
  return gateway
}

/** Reads all of a streamed answer. */
async function stream({ url }: TestGateway, key: string): Promise<void> {
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'small', stream: true, messages: [{ role: 'user', content: 'Hello' }] }),
  })
  await response.text()
}

interface Listed {
  readonly data: readonly Readonly<Record<string, unknown>>[]
  readonly next: string | null
}

/** With all that ended so far. */
async function usage(gateway: TestGateway, path: string): Promise<Listed> {
  await gateway.gateway.ledger?.flush()
  const { status, body } = await adminOf(gateway)('GET', path)
  expect(status, JSON.stringify(body)).toBe(200)
  return body as unknown as Listed
}

test('what keys used is summed up by key, model and tag, and every request can be seen', async () => {
  const gateway = await start()
  const admin = adminOf(gateway)
  const ann = await makeKey(admin, { name: 'ann', tags: ['blue'] })
  const bob = await makeKey(admin, { name: 'bob' })
  await chat(gateway, ann.key)
  await stream(gateway, ann.key)
  await chat(gateway, bob.key)
  await chat(gateway, bob.key, { model: 'missing/none' })

  const byKey = await usage(gateway, '/usage?group_by=key_id&interval=day')
  const sums = Object.fromEntries(byKey.data.map((sum) => [sum['key_id'], sum]))
  const records = (await usage(gateway, `/usage/records?key_id=${ann.id}`)).data
  expect(records).toHaveLength(2)
  const [streamed, whole] = records
  expect(streamed).toMatchObject({ stream: true, outcome: 'ok', tags: ['blue'], model: 'small', cost_source: 'table' })
  expect(whole).toMatchObject({ stream: false, attempts: [{ provider: 'lab', outcome: 'answered' }] })
  const { input, output } = whole!['usage'] as { input: number; output: number }
  const cost = input * 1000 + output * 2000
  expect(whole!['cost_nano_usd']).toBe(cost)
  expect(sums[ann.id]).toMatchObject({ requests: 2, failed: 0, cost_nano_usd: 2 * cost, unpriced: 0 })
  expect(sums[bob.id]).toMatchObject({ requests: 2, failed: 1, uncounted: 1 })
  expect((await usage(gateway, '/usage?group_by=tag&tag=blue')).data).toMatchObject([{ tag: 'blue', requests: 2 }])
  expect((await usage(gateway, '/usage/records?limit=1')).next).not.toBeNull()
})

test('an admin of one organisation sees its usage only', async () => {
  const gateway = await start()
  const admin = adminOf(gateway)
  const made = await Promise.all(['one', 'two'].map((name) => admin('POST', '/organisations', { name })))
  const [one, two] = made.map(({ body }) => String(body['id']))
  const ours = await makeKey(admin, { organisation_id: one })
  const theirs = await makeKey(admin, { organisation_id: two })
  await chat(gateway, ours.key)
  await chat(gateway, theirs.key)
  const viewer = await makeKey(admin, { name: 'viewer', organisation_id: one, role: 'viewer' })
  await usage(gateway, '/usage')
  const client = adminOf(gateway, viewer.key)
  const see = async (path: string): Promise<unknown> => (await client('GET', path)).body['data']
  expect(await see('/usage?group_by=organisation_id')).toMatchObject([{ organisation_id: one, requests: 1 }])
  expect(await see('/usage/records')).toMatchObject([{ key_id: ours.id }])
  expect(await see(`/usage/records?organisation_id=${two}`)).toEqual([])
  expect(await see(`/usage?organisation_id=${two}`)).toEqual([])
  expect(await see(`/usage/records?key_id=${theirs.id}`)).toEqual([])
})

test('a query that means nothing is refused with what is wrong', async () => {
  const gateway = await start()
  const admin = adminOf(gateway)
  for (const query of ['group_by=colour', 'interval=week', 'from=yesterday', 'limit=0', 'limit=5000', 'after=-1'])
    expect((await admin('GET', `/usage?${query}`)).status, query).toBe(400)
})

test('attempts that failed on the way are in the record', async () => {
  const gateway = await start({
    config: { routes: { both: { targets: ['lab/large', 'lab/small'] } } },
  })
  const key = (await makeKey(adminOf(gateway))).key
  gateway.simulator.next({ fault: { kind: 'status', status: 503 } })
  expect((await chat(gateway, key, { model: 'both' })).status).toBe(200)
  expect((await usage(gateway, '/usage/records')).data).toMatchObject([
    {
      requested_model: 'both',
      model: 'small',
      outcome: 'ok',
      attempts: [
        { model: 'large', outcome: 'failed', status: 503, error_code: 'upstream_overloaded' },
        { model: 'small', outcome: 'answered', status: null },
      ],
    },
  ])
})

test('tokens of a stream whose caller goes away are estimated, and say so', async () => {
  const words = 'one two three four five six seven eight nine ten '.repeat(20)
  const gateway = await start({
    simulator: { models: ['small'], timing: { gap: 5 }, always: { reply: { text: words } } },
  })
  const key = (await makeKey(adminOf(gateway))).key
  const leaving = new AbortController()
  const response = await fetch(`${gateway.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'small', stream: true, messages: [{ role: 'user', content: words }] }),
    signal: leaving.signal,
  })
  const reader = response.body!.getReader()
  let heard = ''
  while (heard.split('data: ').length < 30) heard += Buffer.from((await reader.read()).value!).toString()
  leaving.abort()
  expect(await gateway.settled()).toMatchObject({ outcome: 'aborted', usage: { estimated: true } })
  const [record] = (await usage(gateway, '/usage/records')).data
  expect(record).toMatchObject({ outcome: 'aborted', estimated: true, cost_source: 'estimated' })
  const { input, output } = record!['usage'] as { input: number; output: number }
  expect(input).toBeGreaterThan(150)
  expect(output).toBeGreaterThan(5)
  expect(output).toBeLessThan(250)
  expect((await usage(gateway, '/usage')).data).toMatchObject([{ aborted: 1, estimated: 1, uncounted: 0 }])
})

test('an answer that is given again costs nothing, and is counted', async () => {
  const gateway = await start({ config: { cache: {} } })
  const caller = await makeKey(adminOf(gateway))
  await chat(gateway, caller.key)
  await chat(gateway, caller.key)
  const [again, first] = (await usage(gateway, '/usage/records')).data
  expect(first).toMatchObject({ cost_source: 'table', attempts: [{ outcome: 'answered' }] })
  expect(again).toMatchObject({ cost_source: 'cache', cost_nano_usd: 0, usage: { input: 0 }, attempts: [] })
  expect((await usage(gateway, '/usage')).data).toMatchObject([
    { requests: 2, uncounted: 0, unpriced: 0, cost_nano_usd: first!['cost_nano_usd'] },
  ])
})

test('all of it can be taken away as CSV and as lines of JSON, by those who may see it', async () => {
  const gateway = await start()
  const admin = adminOf(gateway)
  const caller = await makeKey(admin)
  for (let round = 0; round < 3; round++) await chat(gateway, caller.key)
  await usage(gateway, '/usage')
  const take = (query: string, key = rootKey): Promise<Response> =>
    fetch(`${gateway.gateway.url}/api/admin/usage/export?${query}`, { headers: { authorization: `Bearer ${key}` } })

  const csv = await take('format=csv')
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  const [head, ...lines] = (await csv.text()).trimEnd().split('\r\n')
  expect(head).toMatch(/^id,request_id,at,key_id,/)
  expect(lines).toHaveLength(3)
  const json = (await (await take('format=jsonl&model=small')).text()).trimEnd().split('\n')
  expect(json.map((line) => (JSON.parse(line) as { key_id: string }).key_id)).toEqual(Array(3).fill(caller.id))
  expect(await (await take('format=jsonl&model=none')).text()).toBe('')
  expect((await take('format=xml')).status).toBe(400)
  expect((await take('colour=blue')).status).toBe(400)
  expect((await take('', caller.key)).status).toBe(403)
})

test('the command line shows it, and takes it away', async () => {
  const gateway = await start()
  const caller = await makeKey(adminOf(gateway), { name: 'shop' })
  await chat(gateway, caller.key)
  await usage(gateway, '/usage')
  const run = async (...words: readonly string[]): Promise<string> => {
    const main = join(import.meta.dirname, '../../packages/gateway/src/cli/main.ts')
    const environment = { SLUICE_URL: gateway.gateway.url, SLUICE_ADMIN_KEY: rootKey }
    const options = { env: environment, cwd: tmpdir() }
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=sluice-source', main, 'usage', ...words],
      options,
    )
    return stdout
  }
  const [shown, byDay, exported] = await Promise.all([
    run('--by', 'key,model'),
    run('--interval', 'day', '--json'),
    run('export', '--format', 'jsonl', '--of-key', caller.id),
  ])
  expect(shown).toMatch(/^KEY +MODEL +REQUESTS +FAILED +INPUT +OUTPUT +COST\n/)
  expect(shown).toMatch(new RegExp(`\n${caller.id} +small +1 +0 +\\d+ +\\d+ +\\$0\\.\\d+\n`))
  expect(JSON.parse(byDay)).toMatchObject([{ requests: 1, model: 'small' }])
  expect(JSON.parse(exported)).toMatchObject({ key_id: caller.id, outcome: 'ok' })
})

test('with the ledger switched off nothing is kept', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-off-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const gateway = await start({
    config: { ledger: { enabled: false }, server: { data_dir: folder, admin_key: rootKey } },
  })
  const key = (await makeKey(adminOf(gateway))).key
  await chat(gateway, key)
  expect(gateway.gateway.ledger).toBeUndefined()
  expect(await readdir(folder)).not.toContain('ledger')
})
