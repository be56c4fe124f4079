import { setTimeout as sleep } from 'node:timers/promises'
import type { FileContents } from '../files/file-contents.ts'
import type { InProcess } from '../pipeline/in-process.ts'
import type { BatchesStore } from '../stores/batches-store.ts'
import type { FilesStore } from '../stores/files-store.ts'
import type { BatchRow, FileRow } from '../stores/tables.ts'
import { type NumberedLine, readBatchLine, readLines } from './batch-line.ts'
import type { Slots } from './slots.ts'
import { type BatchProblem, lineTooLong, validateBatch } from './validate-batch.ts'

export interface BatchRunParts {
  readonly batches: BatchesStore
  readonly files: FilesStore
  readonly contents: FileContents
  /** By endpoint: `/v1/chat/completions`. */
  readonly operations: ReadonlyMap<string, InProcess>
  readonly slots: Slots
  /** Of one line, in bytes. */
  readonly maxLineBytes: number
  readonly now: () => number
}

/** Why a run ends before all its lines were run. */
export type EndOfRun = 'cancelled' | 'expired' | 'stopped'

/**
 * Takes an unfinished batch to its end from wherever it is: also one of a process that died. What became of a line is
 * kept before it is counted, and no line that is kept is run again.
 *
 * @param signal its reason is an `EndOfRun`. A run that is `stopped` leaves the batch for a later one.
 */
export async function runBatch(batch: BatchRow, signal: AbortSignal, parts: BatchRunParts): Promise<void> {
  const { batches, files, contents, maxLineBytes, now } = parts
  const { id } = batch
  const input = await files.find(batch.input_file_id, batch.owner)
  const lines = (): AsyncGenerator<NumberedLine> => {
    if (input === undefined) throw missingInput()
    return readLines(contents.read(input), maxLineBytes)
  }
  const fail = (problems: readonly BatchProblem[]): Promise<void> =>
    finish(batch, { status: 'failed', failed_at: now(), errors: JSON.stringify(problems) }, parts)

  try {
    if (batch.status === 'validating') {
      const { total, problems } = await validateBatch(lines(), batch.endpoint)
      if (problems.length > 0) await fail(problems)
      else await batches.update(id, ['validating'], { status: 'in_progress', in_progress_at: now(), total })
    }
    if ((await statusOf(batch, batches)) === 'in_progress' && !signal.aborted) {
      await runLines(batch, lines(), signal, parts)
      if (!signal.aborted) await batches.update(id, ['in_progress'], { status: 'finalizing', finalizing_at: now() })
    }
    if (signal.reason === 'stopped') return
    const status = await statusOf(batch, batches)
    if (status === 'cancelling') await finish(batch, { status: 'cancelled', cancelled_at: now() }, parts)
    else if (status === 'finalizing') await finish(batch, { status: 'completed', completed_at: now() }, parts)
    else if (signal.reason === 'expired' && status !== 'failed') {
      if (status === 'in_progress') await recordExpired(batch, lines(), parts)
      await finish(batch, { status: 'expired', expired_at: now() }, parts)
    }
  } catch (error) {
    const problem = problemOfReading(error)
    if (problem === undefined) throw error
    await fail([problem])
  }
}

/** What stays wrong with an input however often it is read. */
function problemOfReading(error: unknown): BatchProblem | undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return lineTooLong(error)
  return { code: 'invalid_file', line: null, message: 'The input file is gone.', param: 'input_file_id' }
}

function missingInput(): Error {
  return Object.assign(new Error('The input file is gone.'), { code: 'ENOENT' })
}

async function statusOf({ id, owner }: BatchRow, batches: BatchesStore): Promise<string | undefined> {
  return (await batches.find(id, owner))?.status
}

async function runLines(
  batch: BatchRow,
  lines: AsyncIterable<NumberedLine>,
  signal: AbortSignal,
  parts: BatchRunParts,
): Promise<void> {
  const { batches, slots } = parts
  const done = await batches.recorded(batch.id)
  const underWay = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | undefined
  let resting: Promise<unknown> | undefined
  /** Of a line that a limit keeps waiting: its place goes to others, and no more lines of its batch begin meanwhile. */
  const rest = async (milliseconds: number): Promise<void> => {
    slots.free()
    const pause = (resting = sleep(milliseconds, undefined, { signal, ref: false }).catch(() => undefined))
    await pause
    if (resting === pause) resting = undefined
    await slots.take()
  }
  try {
    for await (const line of lines) {
      if (done.has(line.number)) continue
      while (resting !== undefined) await resting
      await slots.take()
      if (signal.aborted || failure !== undefined) {
        slots.free()
        break
      }
      const run: Promise<void> = runLine(batch, line, signal, rest, parts)
        .catch((error: unknown) => void (failure ??= { error }))
        .finally(() => {
          underWay.delete(run)
          slots.free()
        })
      underWay.add(run)
    }
  } finally {
    // Also when the rest cannot be read: who tries again would run them a second time.
    await Promise.all(underWay)
  }
  if (failure !== undefined) throw failure.error
}

async function runLine(
  batch: BatchRow,
  { number, bytes }: NumberedLine,
  signal: AbortSignal,
  rest: (milliseconds: number) => Promise<void>,
  { batches, operations }: BatchRunParts,
): Promise<void> {
  const { customId, body } = readBatchLine(bytes)
  const requestId = requestIdOf(batch, number)
  const operation = operations.get(batch.endpoint)
  if (operation === undefined) throw new Error(`Nothing serves ${batch.endpoint} any more.`)
  // Who asked for it, and, after an @, the site that it is on behalf of.
  const [id = '', site] = batch.principal.split('@')
  const principal = { id, owner: batch.owner, ...(site !== undefined && { site }) }
  const answer = await operation({ id: requestId, principal, body, signal, rest })
  if (signal.aborted && answer.error !== undefined) return
  const failed = answer.error !== undefined
  // JSON has line ends between its tokens only, where a space does as well.
  const json = Buffer.from(answer.body)
    .toString()
    .replaceAll(/[\r\n]+/g, ' ')
  const response = `{"status_code":${answer.status},"request_id":${JSON.stringify(requestId)},"body":${json}}`
  const text = lineText(requestId, customId, response, 'null')
  await batches.record(
    { batch_id: batch.id, line: number, kind: failed ? 'error' : 'output', text },
    failed ? 'failed' : 'completed',
  )
}

async function recordExpired(
  batch: BatchRow,
  lines: AsyncIterable<NumberedLine>,
  { batches }: BatchRunParts,
): Promise<void> {
  const done = await batches.recorded(batch.id)
  const error = JSON.stringify({
    code: 'batch_expired',
    message: 'This request could not be executed before the completion window expired.',
  })
  for await (const { number, bytes } of lines) {
    if (done.has(number)) continue
    const text = lineText(requestIdOf(batch, number), readBatchLine(bytes).customId, 'null', error)
    await batches.record({ batch_id: batch.id, line: number, kind: 'error', text }, 'failed')
  }
}

/** https://platform.openai.com/docs/api-reference/batch/request-output */
function lineText(id: string, customId: string, response: string, error: string): string {
  return `{"id":${JSON.stringify(id)},"custom_id":${JSON.stringify(customId)},"response":${response},"error":${error}}`
}

/** The same whenever the line is run, so that records of it can be told to be of one line. */
function requestIdOf({ id }: BatchRow, line: number): string {
  return `batch_req_${id.slice('batch_'.length)}_${line}`
}

async function finish(batch: BatchRow, changes: Partial<BatchRow>, parts: BatchRunParts): Promise<void> {
  const output = await writeFile(batch, 'output', parts)
  const errors = await writeFile(batch, 'error', parts)
  const written = [output, errors].filter((file) => file !== undefined)
  await parts.batches.finish(
    batch.id,
    { ...changes, output_file_id: output?.id ?? null, error_file_id: errors?.id ?? null },
    written,
  )
}

/** Its id follows from the batch's: who is killed here writes the same file again. */
async function writeFile(
  { id: batchId, owner }: BatchRow,
  kind: 'output' | 'error',
  { batches, contents, now }: BatchRunParts,
): Promise<FileRow | undefined> {
  const id = `file-${batchId.slice('batch_'.length)}-${kind}`
  const bytes = await contents.write(id, endedByLines(batches.lines(batchId, kind)))
  if (bytes === 0) {
    await contents.remove(id)
    return undefined
  }
  return {
    id,
    owner,
    filename: `${batchId}_${kind}.jsonl`,
    purpose: 'batch_output',
    content_start: 0,
    bytes,
    created_at: now(),
    expires_at: null,
  }
}

async function* endedByLines(texts: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const text of texts) yield `${text}\n`
}
