import { openaiChat, SluiceError } from '@sluice/protocol'
import { checkGatewayProviders, checkProvider, checkUnseenModels } from '../access/policy.ts'
import type { Principal } from '../pipeline/principal.ts'
import { asSluiceError } from '../pipeline/pipeline.ts'
import type { Call } from '../server/call.ts'
import { readBody } from '../server/read-body.ts'
import { sendError } from '../server/respond.ts'
import type { Route } from '../server/router.ts'
import type { BatchesOptions } from './batches-options.ts'
import type { OpenBatches } from './open-batches.ts'

/** Files and batches: nothing of them is loaded before somebody asks for one, or one is left over. */
export interface Batches {
  readonly routes: readonly Route[]
  /** Goes on with what a process before this one left unfinished. */
  resume(): Promise<void>
  close(): Promise<void>
}

/** Milliseconds until a database that could not be opened at the start is tried again. */
const resumeInterval = 5_000

type Handle = (open: OpenBatches, call: Call, principal: Principal) => Promise<void>

export function composeBatches(options: BatchesOptions): Batches {
  const { authenticate, errorLog, logger, directory, maxBodyBytes } = options
  let opening: Promise<OpenBatches> | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  function open(): Promise<OpenBatches> {
    opening ??= import('./open-batches.ts')
      .then(({ openBatches }) => openBatches(options))
      .catch((error: unknown) => {
        opening = undefined
        throw error
      })
    return opening
  }

  function route(method: 'GET' | 'POST' | 'DELETE', path: string, handle: Handle): Route {
    return {
      method,
      path,
      async handler(call) {
        try {
          const principal = await authenticate(call.request)
          await handle(await open(), call, principal)
        } catch (thrown) {
          const error = asStoreError(thrown)
          errorLog(call, error, [])
          sendError(call, error, openaiChat, 0)
        }
      },
    }
  }

  return {
    routes: [
      route('POST', '/files', async ({ files, native }, call, principal) => {
        const { owner } = principal
        const provider = native.named(call)
        if (provider === undefined) return files.create(call, owner)
        checkProvider(principal, provider.id)
        checkGatewayProviders(principal)
        await native.createFile(call, owner, provider)
      }),
      route('GET', '/files', async ({ files, native }, call, { owner }) => {
        const provider = native.named(call)
        await (provider === undefined ? files.list(call, owner) : native.list(call, owner, provider, 'openai-files'))
      }),
      route('GET', '/files/*', async ({ files, native }, call, { owner }) => {
        const { id, part } = below(call, '/files/')
        if (part !== undefined && part !== 'content') throw notServed(call)
        const found = await files.show(call, owner, id, part)
        if (!found && !(await native.about(call, owner, id, 'openai-files', part))) throw noFile(id)
      }),
      route('DELETE', '/files/*', async ({ files, native }, call, { owner }) => {
        const { id, part } = below(call, '/files/')
        if (part !== undefined) throw notServed(call)
        const found = await files.remove(call, owner, id)
        if (!found && !(await native.about(call, owner, id, 'openai-files', part))) throw noFile(id)
      }),
      route('POST', '/batches', async ({ batches, native }, call, principal) => {
        const provider = native.named(call)
        const body = await readBody(call, maxBodyBytes)
        const wire = readObject(body)
        const fileId = String(wire['input_file_id'])
        if (provider !== undefined || (await native.has(fileId, principal.owner))) {
          checkUnseenModels(principal)
          await native.createBatch(call, principal, fileId, body)
        } else await batches.create(call, principal, wire)
      }),
      route('GET', '/batches', async ({ batches, native }, call, { owner }) => {
        const provider = native.named(call)
        await (provider === undefined
          ? batches.list(call, owner)
          : native.list(call, owner, provider, 'openai-batches'))
      }),
      route('GET', '/batches/*', async ({ batches, native }, call, { owner }) => {
        const { id, part } = below(call, '/batches/')
        if (part !== undefined) throw notServed(call)
        const found = await batches.show(call, owner, id)
        if (!found && !(await native.about(call, owner, id, 'openai-batches', part))) throw noBatch(id)
      }),
      route('POST', '/batches/*', async ({ batches, native }, call, { owner }) => {
        const { id, part } = below(call, '/batches/')
        if (part !== 'cancel') throw notServed(call)
        const found = await batches.cancel(call, owner, id)
        if (!found && !(await native.about(call, owner, id, 'openai-batches', part))) throw noBatch(id)
      }),
    ],
    async resume() {
      if (!options.database.shared) {
        const { hasUnfinishedBatches } = await import('../stores/unfinished-work.ts')
        if (!hasUnfinishedBatches(directory)) return
      }
      try {
        const { runner } = await open()
        runner.wake()
      } catch (error) {
        logger.error({ err: error }, 'The batches that are unfinished cannot be gone on with yet.')
        if (!options.database.shared || closed) return
        timer = setTimeout(() => void this.resume(), resumeInterval)
        timer.unref()
      }
    },
    async close() {
      closed = true
      clearTimeout(timer)
      const opened = await opening?.catch(() => undefined)
      await opened?.runner.close()
    },
  }
}

/** What the disk refuses is said as such. */
function asStoreError(thrown: unknown): SluiceError {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  if (thrown instanceof SluiceError || !/^(ENOSPC|EDQUOT|EROFS|EACCES|EIO|EMFILE|ENOENT|ERR_SQLITE_ERROR)$/.test(code))
    return asSluiceError(thrown)
  return new SluiceError('store_unavailable', `The data directory cannot be read or written (${code}).`, {
    cause: thrown,
  })
}

/** `{prefix}{id}` or `{prefix}{id}/{part}` */
function below({ path }: Call, prefix: string): { readonly id: string; readonly part: string | undefined } {
  const rest = path.slice(prefix.length)
  const slash = rest.indexOf('/')
  return slash < 0 ? { id: rest, part: undefined } : { id: rest.slice(0, slash), part: rest.slice(slash + 1) }
}

function readObject(body: Buffer): Readonly<Record<string, unknown>> {
  let wire: unknown
  try {
    wire = JSON.parse(body.toString())
  } catch (cause) {
    throw new SluiceError('invalid_json', 'The body is not valid JSON.', { cause })
  }
  if (typeof wire === 'object' && wire !== null && !Array.isArray(wire)) return wire as Record<string, unknown>
  throw new SluiceError('invalid_request', 'The body must be a JSON object.')
}

function noFile(id: string): SluiceError {
  return new SluiceError('file_not_found', `No such File object: ${printable(id)}`, { param: 'id' })
}

function noBatch(id: string): SluiceError {
  return new SluiceError('batch_not_found', `No batch found with id '${printable(id)}'.`)
}

function notServed(call: Call): SluiceError {
  return new SluiceError('path_not_found', `Nothing is served at ${call.request.method} ${printable(call.path)}.`)
}

function printable(text: string): string {
  return text.slice(0, 100).replaceAll(/[^\x21-\x7e]/g, '?')
}
