import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { buildConfig, providers as presets } from 'sluice'
import { type Access, composeAccess } from '../packages/gateway/src/access/compose-access.ts'
import { openAdmin } from '../packages/gateway/src/admin/open-admin.ts'
import { localActor } from '../packages/gateway/src/access/actor.ts'
import { createOutbound } from '../packages/gateway/src/outbound/outbound.ts'
import { createLazyDatabase } from '../packages/gateway/src/stores/lazy-database.ts'

/**
 * `npm run bench:keys [-- keys]`: what it costs to tell whose a managed key is, of many that are called with in turn: from a
 * request's head to who calls. The first look at a key asks the database, all others what the process remembers.
 */
const count = Number(process.argv[2] ?? 1_000)
const looks = 1_000_000

const folder = await mkdtemp(join(tmpdir(), 'sluice-keys-'))
const config = buildConfig({
  presets,
  environment: {},
  input: { server: { data_dir: folder, managed_keys: true }, environment_providers: false },
})
const { server } = config
const database = createLazyDatabase(server.dataDir)
const access = composeAccess({ server, database, changes: undefined, logger: pino({ level: 'silent' }), now: Date.now })
try {
  await access.start()
  await measure(access, await makeKeys(access))
} finally {
  access.close()
  await database.close()
  await rm(folder, { recursive: true })
}

async function makeKeys({ open, changed }: Access): Promise<readonly IncomingMessage[]> {
  const outbound = createOutbound(server.outbound)
  const source = { file: undefined, origins: new Map<string, string>() }
  const admin = openAdmin({ ...(await open()), config, source, outbound, now: Date.now }, changed)
  const requests: IncomingMessage[] = []
  for (let index = 0; index < count; index++) {
    const query = new URLSearchParams()
    const body = { name: `key ${index}`, models: ['gpt-*'], limits: { requests_per_minute: 1_000_000 } }
    const made = await admin.handle({ method: 'POST', path: '/keys', query, body, actor: localActor })
    const { key } = made.body as { key: string }
    requests.push({ headers: { authorization: `Bearer ${key}` }, url: '/v1/chat/completions' } as IncomingMessage)
  }
  return requests
}

async function measure({ authenticateCaller }: Access, requests: readonly IncomingMessage[]): Promise<void> {
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
