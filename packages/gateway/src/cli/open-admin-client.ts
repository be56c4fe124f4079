import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { type Config, Secret } from 'sluice'
import { localActor } from '../access/actor.ts'
import type { Admin } from '../admin/admin.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { describePlace, isThere } from '../stores/place.ts'
import type { AdminOptions } from './options.ts'
import { readConfiguration, requireStores } from './read-config.ts'
import type { Terminal } from './terminal.ts'

/** The admin API: of a running gateway, or, on its machine, of the store itself. */
export interface AdminClient {
  /** The answer, when its status is good. Rejects with a `SluiceError` otherwise. */
  request(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<unknown>
  /** A list, page by page. @param size of a page; default 100. */
  pages<Item>(path: string, query?: URLSearchParams, size?: number): AsyncIterable<readonly Item[]>
  close(): Promise<void>
}

type Request = AdminClient['request']

function clientOf(request: Request, close: AdminClient['close']): AdminClient {
  return {
    request,
    close,
    async *pages<Item>(path: string, query = new URLSearchParams(), size = 100) {
      const asked = new URLSearchParams(query)
      asked.set('limit', String(size))
      for (;;) {
        const page = (await request('GET', `${path}?${asked}`)) as {
          readonly data: readonly Item[]
          readonly next: string | null
        }
        yield page.data
        if (page.next === null) return
        asked.set('after', page.next)
      }
    },
  }
}

/** As `sluice --url` says, else with the configuration here: who can read the data directory needs no key. */
export async function openAdminClient(options: AdminOptions, terminal: Terminal): Promise<AdminClient> {
  const { environment } = terminal
  const url = options.url ?? environment['SLUICE_URL']
  if (url === undefined || url.trim() === '') return openHere(options, terminal)
  const { openGateway } = await import('./open-gateway.ts')
  const [key] = [options.key, environment['SLUICE_ADMIN_KEY'], environment['SLUICE_KEY']].filter((text) => text?.trim())
  const gateway = await openGateway({ url, ...(key !== undefined && { key }) }, terminal)
  return clientOf(
    async (method, path, body) => {
      const response = await gateway.request(method, `/api/admin${path}`, body)
      return response.json()
    },
    () => gateway.close(),
  )
}

/** What the API answers of without a database. */
const withoutDatabase = /^\/(?:config|cache)\b/
/** Whatever is made; what is changed is there already. */
const collection = /^\/[a-z]+$/

/** Makes a database only for what is to be kept: who asks in the wrong folder leaves it as it was. */
async function openHere({ config: file, json }: AdminOptions, terminal: Terminal): Promise<AdminClient> {
  const source = await readConfiguration(terminal, file)
  const config = requireStores(source)
  const { server } = config
  const place = server.databaseUrl?.reveal() ?? resolve(server.dataDir)
  const isNew = !isThere(place)
  let store = await openStore(isNew ? nowhere : place, source, config)
  let isAway = isNew
  let asked = false
  let written = false
  return clientOf(
    async (method, path, body) => {
      const [at = '', query = ''] = path.split('?')
      const makes = method === 'POST' && collection.test(at)
      if (makes && isAway) {
        await store.close()
        store = await openStore(place, source, config)
        isAway = false
      }
      asked ||= !withoutDatabase.test(at)
      const request = { method, path: at, query: new URLSearchParams(query), body, actor: localActor }
      const { body: answer } = await store.admin.handle(request)
      if (makes && !written && !json)
        terminal.stderr.write(
          `Written to ${describePlace(place)}${isNew ? ', which is new: only a gateway that uses it knows of this' : ''}.\n`,
        )
      written ||= makes
      return answer
    },
    async () => {
      await store.close()
      if (isAway && asked)
        terminal.stderr.write(
          `There is no database in ${place}, so nothing was ever kept there. Give --config or --url, or run this where the gateway runs.\n`,
        )
    },
  )
}

const nowhere = ':memory:'

interface OpenStore {
  readonly admin: Admin
  close(): Promise<void>
}

async function openStore(place: string, source: LoadedConfig, config: Config): Promise<OpenStore> {
  const { server } = config
  const [{ createLazyDatabase }, { openAccess }, { openAdmin }, { createOutbound }] = await Promise.all([
    import('../stores/lazy-database.ts'),
    import('../access/open-access.ts'),
    import('../admin/open-admin.ts'),
    import('../outbound/outbound.ts'),
  ])
  const database = createLazyDatabase(place, { migrate: place === nowhere || server.databaseMigrate })
  try {
    const opened = await database.open()
    const now = Date.now
    const { dataDir, keyPepper, masterKeys } = server
    // One that is made is written down, and of nowhere nothing is.
    const pepper = keyPepper ?? (place === nowhere ? new Secret(randomUUID()) : undefined)
    const access = await openAccess({ database: opened, dataDir, pepper, masterKeys, now })
    const admin = openAdmin({ ...access, config, source, outbound: createOutbound(server.outbound), now }, () => {})
    return { admin, close: () => database.close() }
  } catch (error) {
    await database.close()
    throw error
  }
}
