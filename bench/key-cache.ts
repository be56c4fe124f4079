import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Gateway, startGateway } from '@sluice/gateway'
import { pino } from 'pino'
import { buildConfig, providers as presets } from 'sluice'

/**
 * `npm run bench:keys [-- keys]`: what it costs to tell whose a managed key is, of many that are called with in turn: from a
 * request's head to who calls. The first look at a key asks the database, all others what the process remembers.
 */
const count = Number(process.argv[2] ?? 1_000)
const looks = 1_000_000
const adminKey = 'key-of-this-benchmark'

const folder = await mkdtemp(join(tmpdir(), 'sluice-keys-'))
const config = buildConfig({
  presets,
  environment: {},
  input: {
    server: { port: 0, data_dir: folder, admin_key: adminKey, find_local_servers: false },
    environment_providers: false,
  },
})
const gateway = await startGateway(config, { logger: pino({ level: 'silent' }) })
try {
  await measure(gateway, await makeKeys(gateway))
} finally {
  await gateway.close()
  await rm(folder, { recursive: true })
}

/** Requests, one with each key. */
async function makeKeys({ url }: Gateway): Promise<readonly IncomingMessage[]> {
  const requests: IncomingMessage[] = []
  for (let index = 0; index < count; index++) {
    const made = await fetch(`${url}/api/admin/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: `key ${index}`, models: ['gpt-*'], limits: { requests_per_minute: 1_000_000 } }),
    })
    const { key } = (await made.json()) as { key: string }
    requests.push({ headers: { authorization: `Bearer ${key}` }, url: '/v1/chat/completions' } as IncomingMessage)
  }
  return requests
}

async function measure({ access }: Gateway, requests: readonly IncomingMessage[]): Promise<void> {
  const { authenticateCaller } = access
  const first = cpu()
  for (const request of requests) await authenticateCaller(request)
  const asked = (cpu() - first) / requests.length
  const rounds = Array.from({ length: 5 }, () => {
    const before = cpu()
    for (let look = 0; look < looks; look++)
      if (authenticateCaller(requests[look % count]!) instanceof Promise) throw new Error('A key was forgotten.')
    return (cpu() - before) / looks
  }).toSorted((a, b) => a - b)
  console.log(`| ${count.toLocaleString('en')} keys with limits and models, called with in turn | CPU, µs |`)
  console.log('|---|---|')
  console.log(`| the first call with a key, from SQLite | ${asked.toFixed(0)} |`)
  console.log(`| each further one: median of 5 × ${looks.toLocaleString('en')} | ${rounds[2]!.toFixed(2)} |`)
}

function cpu(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
