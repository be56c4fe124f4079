import { randomBytes } from 'node:crypto'
import { SluiceError } from '@sluice/protocol'
import type { Principal } from '../pipeline/principal.ts'
import type { Call } from '../server/call.ts'
import { listOf, queryOf, readPage } from '../server/query.ts'
import { sendJson } from '../server/respond.ts'
import type { BatchesStore } from '../stores/batches-store.ts'
import type { FilesStore } from '../stores/files-store.ts'
import { newBatch } from '../stores/new-batch.ts'
import { batchObject } from './batch-object.ts'
import type { BatchRunner } from './batch-runner.ts'

export interface BatchHandlerParts {
  readonly batches: BatchesStore
  readonly files: FilesStore
  readonly runner: BatchRunner
  /** That lines may be for: `/v1/chat/completions`. */
  readonly endpoints: readonly string[]
  readonly now: () => number
}

/** OpenAI's Batch API, run by this gateway over any provider. https://platform.openai.com/docs/api-reference/batch */
export interface BatchHandlers {
  /** @param wire the request's parsed JSON object. */
  create(call: Call, principal: Principal, wire: Readonly<Record<string, unknown>>): Promise<void>
  list(call: Call, owner: string): Promise<void>
  /** @returns whether the batch is one of this owner's. */
  show(call: Call, owner: string, id: string): Promise<boolean>
  /** @returns whether the batch is one of this owner's. */
  cancel(call: Call, owner: string, id: string): Promise<boolean>
}

export function createBatchHandlers({ batches, files, runner, endpoints, now }: BatchHandlerParts): BatchHandlers {
  return {
    async create(call, principal, wire) {
      const endpoint = wire['endpoint']
      if (typeof endpoint !== 'string' || !endpoints.includes(endpoint)) {
        throw invalid('endpoint', `\`endpoint\` must be one of ${endpoints.join(', ')}.`)
      }
      const { completion_window: window, input_file_id: fileId } = wire
      const lifetime = readWindow(window)
      const input = typeof fileId === 'string' ? await files.find(fileId, principal.owner) : undefined
      if (input === undefined) throw invalid('input_file_id', '`input_file_id` must be the id of a file of yours.')
      if (input.purpose !== 'batch')
        throw invalid('input_file_id', `The file must have the purpose \`batch\`, not \`${input.purpose}\`.`)
      const created = now()
      const batch = newBatch({
        id: `batch_${randomBytes(12).toString('hex')}`,
        owner: principal.owner,
        principal: principal.site === undefined ? principal.id : `${principal.id}@${principal.site}`,
        endpoint,
        input_file_id: input.id,
        completion_window: String(window),
        metadata: readMetadata(wire['metadata']),
        created_at: created,
        expires_at: created + lifetime,
      })
      await batches.add(batch)
      runner.wake()
      sendJson(call, 200, batchObject(batch))
    },
    async list(call, owner) {
      const { rows, more } = await batches.list(owner, readPage(queryOf(call), 100, 20))
      sendJson(call, 200, listOf(rows.map(batchObject), more))
    },
    async show(call, owner, id) {
      const batch = await batches.find(id, owner)
      if (batch !== undefined) sendJson(call, 200, batchObject(batch))
      return batch !== undefined
    },
    async cancel(call, owner, id) {
      const batch = await batches.find(id, owner)
      if (batch === undefined) return false
      const changes = { status: 'cancelling', cancelling_at: now() }
      const cancelled = await batches.update(id, ['validating', 'in_progress'], changes)
      if (!cancelled && batch.status !== 'cancelling') {
        throw new SluiceError('invalid_request', `Cannot cancel a batch with status '${batch.status}'.`)
      }
      runner.wake()
      sendJson(call, 200, batchObject(cancelled ? { ...batch, ...changes } : batch))
      return true
    },
  }
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** OpenAI takes `24h` only. @returns milliseconds. */
function readWindow(window: unknown): number {
  const [, count, unit = ''] = /^([1-9]\d{0,5})([smhd])$/.exec(typeof window === 'string' ? window : '') ?? []
  const lifetime = Number(count) * (units[unit] ?? Number.NaN)
  if (lifetime <= 30 * 86_400_000) return lifetime
  throw invalid('completion_window', '`completion_window` must be a time such as `24h`, of at most `30d`.')
}

function readMetadata(metadata: unknown): string | null {
  if (metadata === undefined || metadata === null) return null
  const entries = typeof metadata === 'object' && !Array.isArray(metadata) ? Object.entries(metadata) : undefined
  const good = entries?.every(([key, value]) => key.length <= 64 && typeof value === 'string' && value.length <= 512)
  if (good && entries!.length <= 16) return JSON.stringify(metadata)
  throw invalid(
    'metadata',
    '`metadata` must be an object of at most 16 texts, names up to 64 and values up to 512 long.',
  )
}

function invalid(param: string, message: string): SluiceError {
  return new SluiceError('invalid_request', message, { param })
}
