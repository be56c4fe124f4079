import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { spawnServe, startServe } from '../start-serve.ts'
import { type Answer, chat, startWorkers, type WorkersForTests } from './start-workers.ts'

const path = '/v1/chat/completions'
const patience = 60_000
/** Each starts three processes. */
const inTime = { timeout: 2 * patience }

function askOften(gateway: WorkersForTests, times: number, key?: string): Promise<readonly Answer[]> {
  return Promise.all(Array.from({ length: times }, () => gateway.ask(path, { key, body: chat() })))
}

function count(answers: readonly Answer[], status: number): number {
  return answers.filter((answer) => answer.status === status).length
}

/** The workers that answer. */
async function answering(gateway: WorkersForTests): Promise<Set<string>> {
  const answers = await Promise.allSettled([1, 2, 3, 4].map(() => gateway.ask('/readyz')))
  return new Set(answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.worker] : [])))
}

async function bothAnswering(gateway: WorkersForTests): Promise<Set<string>> {
  let both = new Set<string>()
  await expect
    .poll(async () => (both = new Set([...both, ...(await answering(gateway))])).size, { timeout: patience })
    .toBe(2)
  return both
}

/** Whether nobody listens there, not even one who would share it. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  return once(server, 'listening').then(
    () => new Promise((resolve) => server.close(() => resolve(true))),
    () => false,
  )
}

/** The value of a counter on the page of metrics. */
function sample(page: string, name: string): number {
  return Number(new RegExp(`^${name}({.*outcome="ok"})? (.*)$`, 'm').exec(page)?.[2])
}

test('two workers admit so many a minute as one, and what each of them saw is told by both', inTime, async () => {
  await using gateway = await startWorkers('limits: { rules: [{ per: all, requests_per_minute: 10 }] }\n')
  const answers = await askOften(gateway, 40)
  expect([count(answers, 200), count(answers, 429)]).toEqual([10, 30])
  const answered = answers.filter(({ status }) => status === 200)
  expect(new Set(answers.map(({ worker }) => worker)).size).toBe(2)

  const pages = await Promise.all([1, 2, 3, 4].map(() => gateway.ask('/metrics')))
  for (const page of pages) expect(sample(page.text, 'sluice_calls_total')).toBe(10)
  const models = await Promise.all([1, 2].map(() => gateway.ask('/api/llm/metrics/models')))
  for (const told of models)
    expect(JSON.parse(told.text)).toMatchObject({
      data: [{ provider: 'lab', model: 'small', calls: 10, succeeded: 10 }],
    })
  const health = await Promise.all([1, 2].map(() => gateway.ask('/api/llm/health')))
  for (const told of health)
    expect(JSON.parse(told.text)).toMatchObject({
      providers: [{ id: 'lab', calls: 10, targets: [{ id: 'lab/small', available: true }] }, {}],
      limits: { state: 'ok', counted_in: 'first process' },
    })
  const traces = await Promise.all(
    answered.flatMap(({ id }) => [gateway.ask(`/api/llm/traces/${id}`), gateway.ask(`/api/llm/traces/${id}`)]),
  )
  expect(count(traces, 200)).toBe(20)
  expect((await gateway.ask('/api/llm/traces/nobody')).status).toBe(404)
  expect(await gateway.end()).toBe(0)
})

test('a budget for ten pays for ten, at whichever worker they are asked', inTime, async () => {
  // A request takes what it says that it takes at most. What it sends is estimated first, so there is a little more.
  const usage = { input: 10, output: 1000 }
  await using gateway = await startWorkers(
    'models: [{ id: lab/small, price: { input: 1000, output: 1000 } }]\nbudgets: { rules: [{ per: all, amount: 10.6 }] }\n',
  )
  gateway.simulator.always({ reply: { usage }, timing: { latency: 50 } })
  const asked = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      gateway.ask(path, { body: chat({ max_tokens: 1000, stream: index % 2 === 0 }) }),
    ),
  )
  expect([count(asked, 200), count(asked, 402)]).toEqual([10, 50])
  expect(new Set(asked.map(({ worker }) => worker)).size).toBe(2)
})

test(
  'a worker that is killed lets go of what it held, leaves nothing unwritten, and another takes its place',
  inTime,
  async () => {
    await using gateway = await startWorkers('limits: { rules: [{ per: all, concurrent_requests: 1 }] }\n', {
      SLUICE_ADMIN_KEY: 'admin-key-of-the-tests',
    })
    const key = 'admin-key-of-the-tests'
    const usage = { input: 10, output: 16 }
    gateway.simulator.always({ reply: { usage } })
    expect((await gateway.ask(path, { key, body: chat() })).status).toBe(200)
    const before = sample((await gateway.ask('/metrics', { key })).text, 'sluice_calls_total')
    expect(before).toBe(1)

    // Holds the only place, and money, in the middle of a stream.
    gateway.simulator.next({ reply: { usage }, fault: { kind: 'hang', at: { event: 2 } } })
    const leaving = new AbortController()
    const open = fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(chat({ stream: true })),
      signal: leaving.signal,
    })
    const { body } = await open
    const reader = body!.getReader()
    await reader.read()
    expect((await gateway.ask(path, { key, body: chat() })).status).toBe(429)

    // Whichever of them it is at: the other goes the same way.
    const died = await gateway.workers()
    expect(died).toHaveLength(2)
    for (const pid of died) {
      const known = await bothAnswering(gateway)
      const asked = Promise.all(Array.from({ length: 40 }, () => gateway.ask('/readyz').catch(() => undefined)))
      process.kill(pid, 'SIGKILL')
      // Those that it was about to answer fail; nobody is left waiting.
      expect((await asked).some((answer) => answer?.status === 200)).toBe(true)
      // The one that takes its place answers, as does the other.
      await expect
        .poll(async () => [...(await answering(gateway))].filter((worker) => !known.has(worker)).length, {
          timeout: patience,
        })
        .toBe(1)
    }
    await reader.read().catch(() => undefined)
    leaving.abort()
    await expect
      .poll(async () => (await gateway.ask(path, { key, body: chat() })).status, { timeout: patience })
      .toBe(200)
    expect(gateway.errors).toContain('A worker died; another takes its place.')

    // The one that was refused is an error.
    const outcomes = async (): Promise<readonly string[]> => {
      const told = await gateway.ask('/api/admin/usage/records', { key })
      const { data } = JSON.parse(told.text) as { readonly data: readonly { readonly outcome: string }[] }
      return data.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'error')
    }
    await expect
      .poll(async () => (await outcomes()).toSorted(), { timeout: patience })
      .toEqual(['interrupted', 'ok', 'ok'])
    // What the dead had counted is in the sums, as far as it was asked for.
    await expect
      .poll(async () => sample((await gateway.ask('/metrics', { key })).text, 'sluice_calls_total'), {
        timeout: patience,
      })
      .toBe(before + 1)
    expect(await gateway.end('SIGINT')).toBe(0)
  },
)

test(
  'whoever is killed, a worker or the first process: what was answered is written once, and nobody keeps the port',
  inTime,
  async () => {
    const key = 'admin-key-of-the-tests'
    const environment = { SLUICE_ADMIN_KEY: key }
    await using gateway = await startWorkers('', environment)
    const answered: string[] = []
    /** Kills in the middle of answers. */
    async function killing(kill: () => void): Promise<void> {
      const begun = Promise.withResolvers<void>()
      const asked = Array.from({ length: 60 }, async () => {
        const { status, id } = await gateway.ask(path, { key, body: chat() })
        begun.resolve()
        if (status === 200) answered.push(id)
      })
      await begun.promise
      kill()
      await Promise.allSettled(asked)
    }
    const [worker] = await gateway.workers()
    await killing(() => process.kill(worker!, 'SIGKILL'))
    await bothAnswering(gateway)

    gateway.simulator.next({ fault: { kind: 'hang', at: { event: 2 } } })
    const open = await fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(chat({ stream: true })),
    })
    const reader = open.body!.getReader()
    await reader.read()
    await killing(() => void gateway.end('SIGKILL'))
    // Its worker ends with it.
    const rest = async (): Promise<void> => {
      while (!(await reader.read()).done);
    }
    await expect(rest()).rejects.toThrow('terminated')
    const { port } = new URL(gateway.url)
    await expect.poll(() => isFree(Number(port)), { timeout: patience }).toBe(true)

    await using next = await startServe({ ...environment, SLUICE_PORT: port }, gateway.folder)
    const ids = [...answered, open.headers.get('x-request-id')!]
    const outcomes = async (): Promise<readonly unknown[]> => {
      const response = await fetch(`${next.url}/api/admin/usage/records?limit=1000`, {
        headers: { authorization: `Bearer ${key}` },
      })
      const { data } = (await response.json()) as { readonly data: readonly { request_id: string; outcome: string }[] }
      return ids.map((id) => data.filter(({ request_id: of }) => of === id).map(({ outcome }) => outcome))
    }
    expect(answered.length).toBeGreaterThan(0)
    await expect.poll(outcomes, { timeout: patience }).toEqual([...answered.map(() => ['ok']), ['interrupted']])
  },
)

test(
  'a key that is revoked is refused by all without their looking; told to stop, all finish what they are at',
  inTime,
  async () => {
    await using gateway = await startWorkers('server: { poll_interval: 3600 }\n', { SLUICE_MANAGED_KEYS: 'true' })
    const admin = gateway.facts.admin_key
    expect(admin).toMatch(/^sk-sl-/)
    const made = await gateway.ask('/api/admin/keys', { key: admin, body: { name: 'ci' } })
    const { id, key } = JSON.parse(made.text) as { id: string; key: string }
    const known = await askOften(gateway, 40, key)
    expect(count(known, 200)).toBe(40)
    expect(new Set(known.map(({ worker }) => worker)).size).toBe(2)
    expect((await gateway.ask(`/api/admin/keys/${id}`, { method: 'DELETE', key: admin })).status).toBeLessThan(300)
    // The message is on its way.
    await expect.poll(async () => count(await askOften(gateway, 40, key), 401), { timeout: patience }).toBe(40)
    // It was shown once, and not here.
    expect(gateway.errors).not.toContain('sk-sl-')

    gateway.simulator.always({ timing: { latency: 300 } })
    const posted = (): number => gateway.simulator.requests.filter(({ method }) => method === 'POST').length
    const before = posted()
    const asked = Array.from({ length: 6 }, () => gateway.ask(path, { key: admin, body: chat({ stream: true }) }))
    await expect.poll(posted, { timeout: patience }).toBe(before + 6)
    const code = gateway.end('SIGHUP')
    for (const { status, text: said } of await Promise.all(asked)) {
      expect(status).toBe(200)
      expect(said).toContain('[DONE]')
    }
    expect(await code).toBe(0)
    expect(await gateway.workers()).toEqual([])
  },
)

test('where one cannot start none does, and the way out is said', inTime, async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  const folder = await mkdtemp(join(tmpdir(), 'sluice-workers-'))
  const child = spawnServe(folder, { SLUICE_WORKERS: '2', SLUICE_PORT: String(port) })
  const [[code], said] = await Promise.all([once(child, 'exit') as Promise<[number]>, text(child.stderr)])
  taken.close()
  await rm(folder, { recursive: true, force: true })
  expect(code).toBe(2)
  expect(said).toMatch(/in use; choose another with --port or SLUICE_PORT/)
})

test('what one worker keeps in the database is given by the other', inTime, async () => {
  await using gateway = await startWorkers('cache: { store: database }\n', { SLUICE_ADMIN_KEY: 'root' })
  const key = 'root'
  const first = await gateway.ask(path, { key, body: chat() })
  expect(first.status).toBe(200)
  const kept = async (): Promise<unknown> => JSON.parse((await gateway.ask('/api/admin/cache', { key })).text)
  await expect.poll(kept, { timeout: patience }).toMatchObject({ kept_in: 'database', entries: 1 })
  const told = new Map<string, string>()
  async function tellers(): Promise<number> {
    const { worker, text: answer } = await gateway.ask(path, { key, body: chat() })
    return told.set(worker, answer).size
  }
  await expect.poll(tellers, { timeout: patience }).toBe(2)
  expect([...told.values()]).toEqual([first.text, first.text])
  expect(gateway.simulator.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
})
