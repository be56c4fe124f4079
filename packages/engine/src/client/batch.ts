import { SluiceError } from '@sluice/protocol'
import { aborted } from './call-engine.ts'

/** How many items are worked on at once, and how. */
export interface BatchOptions<Item, Result> {
  /** Items that are under way at once. Default 8. */
  readonly concurrency?: number | undefined
  /**
   * Heard after each item, and waited for. What it throws ends the batch: nothing new is begun, and it is thrown once what is
   * under way is over.
   */
  readonly onProgress?: ((progress: BatchProgress<Result>) => unknown) | undefined
  /** Gives up what is not done yet: it fails with `client_closed_request`, and what is done is kept. */
  readonly signal?: AbortSignal | undefined
  /** Outcomes of an earlier run over the same items: what is done is taken over, the rest is asked. */
  readonly resume?: readonly (BatchOutcome<Result> | undefined)[] | undefined
  /** What is done with an item. */
  readonly ask: (item: Item, options: { readonly signal: AbortSignal | undefined }) => Promise<Result>
}

/** How far a batch is. */
export interface BatchProgress<Result> {
  /** Items that are over, failed ones and those taken over included. */
  readonly finished: number
  readonly failed: number
  readonly total: number
  /** The one that is over now. */
  readonly outcome: BatchOutcome<Result>
}

/** What became of one item; the failure of one is none of the batch. */
export type BatchOutcome<Result> =
  | { readonly index: number; readonly status: 'done'; readonly result: Result }
  | { readonly index: number; readonly status: 'failed'; readonly error: SluiceError }

const usualConcurrency = 8
/** How often an item is asked again after its provider wanted rest. */
const mostRests = 20
const shortestRest = 1_000
const longestRest = 60_000

/**
 * Many calls, so many at once, with an outcome for each item in the items' order; never rejects for what an item does.
 * When a provider asks for rest nothing new is begun until then, and the item is asked again.
 *
 * @throws SluiceError `invalid_request` for items that are no array, and a `concurrency` that is none.
 */
export async function runBatch<Item, Result>(
  items: readonly Item[],
  options: BatchOptions<Item, Result>,
): Promise<readonly BatchOutcome<Result>[]> {
  const { concurrency = usualConcurrency, resume = [] } = options
  // Without types anything may come.
  if (!Array.isArray(items))
    throw new SluiceError('invalid_request', 'A batch is an array of items.', { param: 'items' })
  if ('runTools' in options && options.runTools !== undefined) {
    const message =
      'A batch runs no tools by itself. Say how an item is asked: `ask: (input, { signal }) => sluice.chat(input, { signal, runTools })`.'
    throw new SluiceError('invalid_request', message, { param: 'runTools' })
  }
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new SluiceError('invalid_request', '`concurrency` must be a whole number from 1.', { param: 'concurrency' })
  const outcomes: BatchOutcome<Result>[] = []
  const waiting: number[] = []
  for (const index of items.keys()) {
    const earlier = resume[index]
    if (earlier?.status === 'done') outcomes[index] = { ...earlier, index }
    else waiting.push(index)
  }
  const progress = { finished: items.length - waiting.length, failed: 0 }
  const rest = { until: 0 }

  // One for all who work: each takes the next. To shift a long array is to move all that is left of it.
  const next = waiting.values()
  const work = async (): Promise<void> => {
    for (const index of next) {
      const outcome = await outcomeOf(items[index] as Item, index, options, rest)
      outcomes[index] = outcome
      progress.finished++
      if (outcome.status === 'failed') progress.failed++
      try {
        await options.onProgress?.({ ...progress, total: items.length, outcome })
      } catch (error) {
        waiting.length = 0
        throw error
      }
    }
  }
  const works = await Promise.allSettled(Array.from({ length: Math.min(concurrency, waiting.length) }, work))
  const failed = works.find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return outcomes
}

async function outcomeOf<Item, Result>(
  item: Item,
  index: number,
  { ask, signal }: BatchOptions<Item, Result>,
  rest: { until: number },
): Promise<BatchOutcome<Result>> {
  for (let rests = 0; ; rests++) {
    try {
      await pauseUntil(rest, signal)
      return { index, status: 'done', result: await ask(item, { signal }) }
    } catch (thrown) {
      const error = thrown instanceof SluiceError ? thrown : askFailed(thrown)
      const wanted = rests < mostRests ? restFor(error, rests) : undefined
      if (wanted === undefined || signal?.aborted === true) return { index, status: 'failed', error }
      rest.until = Math.max(rest.until, performance.now() + wanted)
    }
  }
}

function askFailed(cause: unknown): SluiceError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new SluiceError('internal_error', `What the batch does with an item failed: ${reason}`, { cause })
}

/** Milliseconds that a provider wants to be left alone; `undefined` where it is not asking for rest. */
function restFor({ code, retryAfterMs }: SluiceError, rests: number): number | undefined {
  if (code !== 'rate_limit_exceeded' && code !== 'upstream_overloaded') return undefined
  return Math.min(longestRest, retryAfterMs ?? shortestRest * 2 ** rests)
}

/** @throws SluiceError `client_closed_request` */
async function pauseUntil(rest: { readonly until: number }, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted === true) throw aborted(signal.reason)
  for (let left = rest.until - performance.now(); left > 0; left = rest.until - performance.now())
    await sleep(left, signal)
}

function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer)
      reject(aborted(signal?.reason))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
