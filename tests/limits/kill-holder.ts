import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startServe } from '../start-serve.ts'
import { startTestGateway } from '../start-test-gateway.ts'

export interface KillHolderReport {
  /** What another gateway answered while the first held all there is, and right after it was killed. */
  readonly whileHeld: number
  readonly rightAfter: number
  /** Seconds from the kill until the other gateway could take it. */
  readonly freeAfter: number
}

/** `places`: of requests at the same time; `budget`: money for one of them. */
export type Held = 'places' | 'budget'

/** A gateway process takes, for a stream that does not end, all that there is, and is killed (SIGKILL); another one waits for it. */
export async function killHolder(held: Held, redisUrl: string): Promise<KillHolderReport> {
  const rules =
    held === 'places'
      ? { limits: { rules: [{ per: 'all' as const, concurrent_requests: 1 }] } }
      : { budgets: { rules: [{ per: 'all' as const, amount: 1.5 }] } }
  const models = [{ id: 'lab/small', price: { input: 1000, output: 1000 } }]
  await using other = await startTestGateway({ config: { server: { redis_url: redisUrl }, models, ...rules } })
  other.simulator.next('hang-mid-stream')
  const folder = await mkdtemp(join(tmpdir(), 'sluice-holder-'))
  try {
    const lab = { type: 'openai_compatible', base_url: other.simulator.url, api_key: 'k', models_path: null }
    const config = { default_provider: 'lab', environment_providers: false, providers: { lab }, models, ...rules }
    await writeFile(join(folder, 'sluice.json'), JSON.stringify(config))
    await using holder = await startServe({ REDIS_URL: redisUrl, SLUICE_DATA_DIR: join(folder, 'data') }, folder)
    const stream = await ask(`${holder.url}/v1`, true)
    if (stream.status !== 200) throw new Error(`The holder was not let in: ${stream.status} ${await stream.text()}`)
    stream.text().catch(() => undefined)
    const whileHeld = await statusOf(other.url)
    await holder.end('SIGKILL')
    const killed = performance.now()
    const rightAfter = await statusOf(other.url)
    while ((await statusOf(other.url)) !== 200) await wait(200)
    return { whileHeld, rightAfter, freeAfter: (performance.now() - killed) / 1000 }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function statusOf(url: string): Promise<number> {
  const answer = await ask(url, false)
  await answer.arrayBuffer()
  return answer.status
}

function ask(url: string, stream: boolean): Promise<Response> {
  return fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'small', max_tokens: 1_000, stream, messages: [{ role: 'user', content: 'Hi' }] }),
  })
}
