import type { GatewayOptions } from './options.ts'
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
export async function openAdminClient(options: GatewayOptions, terminal: Terminal): Promise<AdminClient> {
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

async function openHere({ config: file }: GatewayOptions, terminal: Terminal): Promise<AdminClient> {
  const source = await readConfiguration(terminal, file)
  const config = requireStores(source)
  const { server } = config
  const [{ createLazyDatabase }, { openAccess }, { openAdmin }, { localActor }, { createOutbound }] = await Promise.all(
    [
      import('../stores/lazy-database.ts'),
      import('../access/open-access.ts'),
      import('../admin/open-admin.ts'),
      import('../access/actor.ts'),
      import('../outbound/outbound.ts'),
    ],
  )
  const database = createLazyDatabase(server.databaseUrl?.reveal() ?? server.dataDir, {
    migrate: server.databaseMigrate,
  })
  try {
    const opened = await database.open()
    const now = Date.now
    const { dataDir, keyPepper: pepper, masterKeys } = server
    const access = await openAccess({ database: opened, dataDir, pepper, masterKeys, now })
    const admin = openAdmin({ ...access, config, source, outbound: createOutbound(server.outbound), now }, () => {})
    return clientOf(
      async (method, path, body) => {
        const [place = '', query = ''] = path.split('?')
        const { body: answer } = await admin.handle({
          method,
          path: place,
          query: new URLSearchParams(query),
          body,
          actor: localActor,
        })
        return answer
      },
      () => database.close(),
    )
  } catch (error) {
    await database.close()
    throw error
  }
}
