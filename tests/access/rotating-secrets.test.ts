import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { describeOnPostgres } from '../servers/describe-on.ts'
import { postgresForTests } from '../servers/postgres.ts'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { adminOf, chat, makeKey, rootKey } from './admin-client.ts'

const [old, fresh] = ['the old master key, of 32 characters', 'the new master key, of 32 characters']
/** That sites can bring keys for. */
const providers = ['openai', 'anthropic', 'groq', 'mistral', 'deepseek', 'xai', 'openrouter', 'fireworks']

interface Place {
  readonly database_url?: string
  readonly data_dir: string
}

async function start(place: Place, masterKeys: readonly string[]): Promise<TestGateway> {
  const gateway = await startTestGateway({
    config: {
      server: {
        admin_key: rootKey,
        key_pepper: 'a pepper of at least 32 characters',
        ...place,
        master_keys: masterKeys,
      },
    },
  })
  onTestFinished(() => gateway.close())
  return gateway
}

async function makeSites(gateway: TestGateway, count: number): Promise<{ id: string; key: string }[]> {
  const admin = adminOf(gateway)
  const { body: organisation } = await admin('POST', '/organisations', { name: 'Acme' })
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const given = { organisation_id: organisation['id'], kind: 'site', name: `Shop ${index}` }
      const id = String((await admin('POST', '/workspaces', given)).body['id'])
      const { key } = await makeKey(admin, { name: `shop ${index}`, workspace_id: id })
      return { id, key }
    }),
  )
}

/** What is true of every database. */
function rotates(open: () => Promise<Place>): void {
  test('keys that sites save while secrets are rotated, by whichever gateway, are all there after', async () => {
    const place = await open()
    const one = await start(place, [old])
    const sites = await makeSites(one, 3)
    const settings = (gateway: TestGateway, id: string, body: object): Promise<{ status: number }> =>
      adminOf(gateway)('PATCH', `/workspaces/${id}/ai-settings`, body)
    for (const { id } of sites) await settings(one, id, { keys: { together: 'key-from-before' } })
    // Gateways that are started again one after the other: all know both keys, not all seal by the new one yet.
    const two = await start(place, [fresh, old])
    const three = await start(place, [old, fresh])
    const save = sites.flatMap(({ id }) =>
      providers.map((provider, index) =>
        settings([two, three][index % 2]!, id, { keys: { [provider]: `key-${provider}` } }),
      ),
    )
    const rotate = [two, two, two].map((gateway) => adminOf(gateway)('POST', '/secrets/rotate'))
    const replies = await Promise.all([...save, ...rotate])
    expect(replies.map(({ status }) => status).filter((status) => status !== 200)).toEqual([])
    for (const { id } of sites) {
      const { body } = await adminOf(three)('GET', `/workspaces/${id}/ai-settings`)
      expect((body['own_keys'] as string[]).toSorted()).toEqual([...providers, 'together'].toSorted())
    }
    await adminOf(two)('POST', '/secrets/rotate')
    expect((await adminOf(two)('POST', '/secrets/rotate')).body).toEqual({ renewed: 0, unchanged: sites.length })
    // Every one of them can be opened without the old key: a change reads all.
    const alone = await start(place, [fresh])
    for (const { id } of sites) expect((await settings(alone, id, { provider: 'groq' })).status).toBe(200)
  })

  test('who has both keys goes on answering while they are changed, again and again', async () => {
    const place = await open()
    const one = await start(place, [old, fresh])
    const two = await start(place, [fresh, old])
    const sites = await makeSites(one, 2)
    for (const { id } of sites) {
      // The lab is the gateway's own provider: reading the site's settings takes opening its key.
      const body = { provider: 'lab', keys: { openai: 'key-of-the-shop' } }
      expect((await adminOf(one)('PATCH', `/workspaces/${id}/ai-settings`, body)).status).toBe(200)
    }
    const rounds = Array.from({ length: 4 }, (_, round) => round)
    const turning = (async () => {
      const turned: Promise<{ readonly status: number }>[] = []
      for (const round of rounds) {
        const both = [one, two].map((gateway) => adminOf(gateway)('POST', '/secrets/rotate'))
        turned.push(...both)
        await (round % 2 === 0 ? both[0] : Promise.all(both))
      }
      for (const { status } of await Promise.all(turned)) expect(status).toBe(200)
    })()
    const asking = rounds.flatMap(() =>
      sites.flatMap(({ key }) => [one, two].map((gateway) => async () => (await chat(gateway, key)).status)),
    )
    for (const ask of asking) expect(await ask()).toBe(200)
    await turning
    for (const gateway of [one, two]) for (const { key } of sites) expect((await chat(gateway, key)).status).toBe(200)
  })
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'sluice-rotation-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

rotates(async () => ({ data_dir: folder() }))

describeOnPostgres('on PostgreSQL', () => {
  rotates(async () => ({ data_dir: folder(), database_url: (await postgresForTests()).url }))
})
