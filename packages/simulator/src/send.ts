import type { ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Answer, StreamBody } from './answer.ts'
import type { Timing } from './behaviour.ts'
import type { Fault, StopFault } from './fault.ts'

export interface Delivery {
  readonly headers: Readonly<Record<string, string>>
  readonly timing: Timing
  readonly faults: readonly Fault[]
  /** Called right before the connection is closed or reset on purpose. */
  onBreak(): void
}

/** Sends an answer as it is told to. Returns when there is no more to do; the client may have left meanwhile. */
export async function send(response: ServerResponse, answer: Answer, delivery: Delivery): Promise<void> {
  const { timing, faults } = delivery
  const stop = faults.find((fault): fault is StopFault => stopKinds.has(fault.kind))
  if (faults.some((fault) => fault.kind === 'close-idle')) {
    const { socket } = response
    response.once('finish', () => socket?.end())
  }

  if (timing.latency) await rest(timing.latency, response)
  if (isGone(response)) return
  if (stop?.at === 'head') return halt(stop, response, delivery)
  writeHead(response, answer, delivery.headers, stop)

  if (isPlain(answer, timing, faults, stop)) {
    response.end(answer.body.kind === 'whole' ? answer.body.bytes : '')
    return
  }
  if (timing.firstEvent) {
    response.flushHeaders()
    await rest(timing.firstEvent, response)
  }
  const stopped = await sendBody(response, answer, timing, faults, stop)
  if (isGone(response)) return
  if (stop !== undefined && stopped) return halt(stop, response, delivery)
  response.end()
}

const stopKinds: ReadonlySet<string> = new Set<StopFault['kind']>(['truncate', 'cut', 'reset', 'hang'])

/** One write for head and body. */
function isPlain(answer: Answer, timing: Timing, faults: readonly Fault[], stop: StopFault | undefined): boolean {
  return (
    answer.body.kind === 'whole' &&
    stop === undefined &&
    !timing.firstEvent &&
    faults.every((fault) => fault.kind !== 'split')
  )
}

function writeHead(
  response: ServerResponse,
  answer: Answer,
  headers: Readonly<Record<string, string>>,
  stop: StopFault | undefined,
): void {
  const { body } = answer
  // A truncated message ends well: it must not announce the length it would have had.
  const length = body.kind === 'whole' && stop?.kind !== 'truncate' ? Buffer.byteLength(body.bytes) : undefined
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    ...(length === undefined ? {} : { 'content-length': length }),
    ...(body.kind === 'stream' ? { 'cache-control': 'no-cache' } : {}),
    ...answer.headers,
    ...headers,
  })
}

/** Returns whether the point to stop at was reached; always so when there is one. */
async function sendBody(
  response: ServerResponse,
  answer: Answer,
  timing: Timing,
  faults: readonly Fault[],
  stop: StopFault | undefined,
): Promise<boolean> {
  const split = faults.find((fault) => fault.kind === 'split')
  const size = split === undefined ? Infinity : Math.max(1, split.size)
  const at = stop?.at
  const byteLimit = typeof at === 'number' ? at : Infinity
  const eventLimit = typeof at === 'object' ? at.event : Infinity
  let bytes = 0
  let events = 0
  for (const event of bodyParts(answer)) {
    if (events === eventLimit || bytes >= byteLimit) return true
    if (events > 0 && timing.gap) await rest(timing.gap, response)
    events += 1
    for (let from = 0; from < event.length; from += size) {
      const piece = event.subarray(from, Math.min(from + size, event.length, from + byteLimit - bytes))
      if (from > 0 && split?.gap) await rest(split.gap, response)
      if (isGone(response)) return false
      bytes += piece.length
      await write(response, piece)
      if (bytes >= byteLimit) return true
    }
  }
  return stop !== undefined
}

function* bodyParts(answer: Answer): Generator<Buffer> {
  if (answer.body.kind === 'whole') yield Buffer.from(answer.body.bytes)
  else for (const frame of frames(answer.body)) yield Buffer.from(frame)
}

function* frames(body: StreamBody): Generator<string | Uint8Array> {
  yield* body.events
  if (body.end !== undefined) yield body.end
}

/** Its own write to the socket, held back by a slow reader. */
async function write(response: ServerResponse, piece: Buffer): Promise<void> {
  if (response.write(piece)) await nextTurn()
  else await untilDrained(response)
}

async function halt(stop: StopFault, response: ServerResponse, delivery: Delivery): Promise<void> {
  if (stop.kind === 'truncate' && stop.at !== 'head') return void response.end()
  if (stop.at !== 'head') {
    response.flushHeaders()
    await untilFlushed(response)
  }
  if (stop.kind === 'hang') return untilGone(response)
  // A reset overtakes bytes that the system has taken and not yet delivered: they get a moment.
  if (stop.kind === 'reset' && stop.at !== 'head') await rest(2, response)
  if (isGone(response)) return
  delivery.onBreak()
  if (stop.kind === 'reset') response.socket?.resetAndDestroy()
  else response.socket?.end()
}

function isGone(response: ServerResponse): boolean {
  return response.destroyed || response.socket === null || response.socket.destroyed
}

/** Each wait ends early when the client leaves. */
function wait(response: ServerResponse, start: (done: () => void) => () => void): Promise<void> {
  if (isGone(response)) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      cancel()
      response.off('close', done)
      resolve()
    }
    response.on('close', done)
    const cancel = start(done)
  })
}

function rest(milliseconds: number, response: ServerResponse): Promise<void> {
  return wait(response, (done) => {
    const timer = setTimeout(done, milliseconds)
    return () => clearTimeout(timer)
  })
}

function untilDrained(response: ServerResponse): Promise<void> {
  return wait(response, (done) => {
    response.on('drain', done)
    return () => response.off('drain', done)
  })
}

/** All bytes are with the operating system: a reset would drop what is not. */
async function untilFlushed(response: ServerResponse): Promise<void> {
  await nextTurn()
  while (!isGone(response) && (response.socket?.writableLength ?? 0) > 0) await rest(1, response)
}

function untilGone(response: ServerResponse): Promise<void> {
  return wait(response, () => () => undefined)
}
