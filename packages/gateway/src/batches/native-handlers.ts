import { SluiceError } from '@sluice/protocol'
import type { ConfiguredProvider, Engine } from 'sluice'
import { checkProvider } from '../access/policy.ts'
import type { RawAdmit } from '../limits/raw-admit.ts'
import type { Meter } from '../pipeline/meter.ts'
import { asSluiceError } from '../pipeline/pipeline.ts'
import type { Principal } from '../pipeline/principal.ts'
import type { Call } from '../server/call.ts'
import { queryOf } from '../server/query.ts'
import { chunksOf } from '../server/read-form.ts'
import { sendJson } from '../server/respond.ts'
import type { ProviderObjectsStore } from '../stores/provider-objects-store.ts'
import type { NativeApi, NativeRelay } from './native-relay.ts'

export interface NativeHandlerParts {
  readonly relay: NativeRelay
  readonly objects: ProviderObjectsStore
  readonly registry: Engine['registry']
  readonly admitRaw: RawAdmit
  readonly meter: Meter
  readonly now: () => number
}

/** Files and batches that providers keep, of which this gateway knows whose they are and where. */
export interface NativeHandlers {
  /** The provider that the caller names (`x-sluice-provider`, `?provider=`). @throws SluiceError `provider_not_found` */
  named(call: Call): ConfiguredProvider | undefined
  createFile(call: Call, owner: string, provider: ConfiguredProvider): Promise<void>
  /** @param fileId that the batch reads: of a file of this owner's at a provider, which is then the one that is asked. */
  createBatch(call: Call, principal: Principal, fileId: string, body: Uint8Array): Promise<void>
  /** Of the provider's list what is this owner's. */
  list(call: Call, owner: string, provider: ConfiguredProvider, api: NativeApi): Promise<void>
  /** Passes on a call about one of this owner's objects. @returns `false` where there is none of this id. */
  about(call: Call, owner: string, id: string, api: NativeApi, part: string | undefined): Promise<boolean>
  /** Whether a file of this owner's is kept by a provider. */
  has(fileId: string, owner: string): Promise<boolean>
}

type Wire = Readonly<Record<string, unknown>>

export function createNativeHandlers({
  relay,
  objects,
  registry,
  admitRaw,
  meter,
  now,
}: NativeHandlerParts): NativeHandlers {
  async function remember(wire: unknown, owner: string, { id: provider }: ConfiguredProvider): Promise<void> {
    if (typeof wire !== 'object' || wire === null) return
    const { id, object, output_file_id: output, error_file_id: errors } = wire as Wire
    const kept: [unknown, string][] = [
      [id, object === 'batch' ? 'batch' : 'file'],
      [output, 'file'],
      [errors, 'file'],
    ]
    for (const [name, kind] of kept) {
      if (typeof name === 'string') await objects.remember({ id: name, owner, provider, kind, created_at: now() })
    }
  }

  async function keeperOf(id: string, owner: string): Promise<ConfiguredProvider | undefined> {
    const kept = await objects.find(id, owner)
    if (kept === undefined) return undefined
    const provider = registry.providers.find((candidate) => candidate.id === kept.provider)
    if (provider !== undefined) return provider
    throw new SluiceError(
      'provider_not_found',
      `The provider "${kept.provider}" keeps this, and is not configured any more.`,
    )
  }

  /** As a call of the raw proxy: what the batch will come to, nobody knows. */
  async function counted<T>(
    call: Call,
    principal: Principal,
    provider: ConfiguredProvider,
    size: number,
    ask: () => Promise<T>,
  ): Promise<T> {
    const admission = await admitRaw({ principal, provider, size, head: call })
    const settle = (error: SluiceError | undefined): void => {
      const { id: requestId, startedAt } = call
      meter.settleRaw({ requestId, principal, provider, recognised: undefined, startedAt }, undefined, error)
      admission?.settle(undefined, true)
    }
    try {
      const answered = await ask()
      settle(undefined)
      return answered
    } catch (thrown) {
      settle(asSluiceError(thrown))
      throw thrown
    }
  }

  function answer(call: Call, provider: ConfiguredProvider, wire: Wire): void {
    sendJson(call, 200, wire, ['x-sluice-provider', provider.id])
  }

  return {
    named(call) {
      const header = call.request.headers['x-sluice-provider']
      const name = typeof header === 'string' ? header : queryOf(call).get('provider')
      if (name === null) return undefined
      const provider = registry.addresses.find(name)
      if (provider !== undefined) return provider
      const known = registry.providers.map(({ id }) => id).join(', ')
      throw new SluiceError('provider_not_found', `No provider of that name is configured. Configured: ${known}.`)
    },
    async createFile(call, owner, provider) {
      const { headers } = call.request
      const type = headers['content-type']
      if (type?.startsWith('multipart/form-data') !== true)
        throw new SluiceError('unsupported_media_type', 'The content type must be multipart/form-data.')
      const announced = headers['content-length']
      if (headers.expect !== undefined) call.response.writeContinue()
      const chunks = chunksOf(call.request)
      const size = announced === undefined ? undefined : Number(announced)
      const bytes = { size, [Symbol.asyncIterator]: () => chunks }
      const request = { provider, api: 'openai-files', method: 'POST', below: '', body: { type, bytes } } as const
      const file = await relay.ask(call, request)
      await remember(file, owner, provider)
      answer(call, provider, file)
    },
    async createBatch(call, principal, fileId, body) {
      const { owner } = principal
      const provider = await keeperOf(fileId, owner)
      if (provider === undefined) {
        throw new SluiceError(
          'file_not_found',
          'The provider keeps no file of this id that you gave it through this gateway.',
          {
            param: 'input_file_id',
          },
        )
      }
      checkProvider(principal, provider.id)
      const batch = await counted(call, principal, provider, body.length, () =>
        relay.ask(call, {
          provider,
          api: 'openai-batches',
          method: 'POST',
          below: '',
          body: { type: 'application/json', bytes: [body] },
        }),
      )
      await remember(batch, owner, provider)
      answer(call, provider, batch)
    },
    async list(call, owner, provider, api) {
      const page = await relay.ask(call, { provider, api, method: 'GET', below: '' })
      const entries = Array.isArray(page['data']) ? (page['data'] as readonly Wire[]) : []
      const owned = await objects.owned(
        entries.map(({ id }) => String(id)),
        owner,
      )
      const data = entries.filter(({ id }) => owned.has(String(id)))
      for (const entry of data) await remember(entry, owner, provider)
      answer(call, provider, { ...page, data })
    },
    async about(call, owner, id, api, part) {
      const provider = await keeperOf(id, owner)
      if (provider === undefined) return false
      const method = call.request.method === 'HEAD' ? 'GET' : (call.request.method as 'GET' | 'POST' | 'DELETE')
      const below = `/${encodeURIComponent(id)}${part === undefined ? '' : `/${part}`}`
      if (part === 'content') {
        relay.stream(call, { provider, api, method, below })
        return true
      }
      const wire = await relay.ask(call, { provider, api, method, below })
      if (method === 'DELETE') await objects.forget(id, owner)
      else await remember(wire, owner, provider)
      answer(call, provider, wire)
      return true
    },
    has: async (fileId, owner) => (await objects.find(fileId, owner)) !== undefined,
  }
}
