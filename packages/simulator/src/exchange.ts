import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from './answer.ts'
import { jsonAnswer } from './answer.ts'
import type { Behaviour, RawAnswer, Timing } from './behaviour.ts'
import type { Dialect, DialectContext } from './dialect.ts'
import { RequestRefused } from './dialect.ts'
import { dialects } from './dialects.ts'
import type { Fault, StatusFault } from './fault.ts'
import { errorAnswer } from './faults/error-answer.ts'
import { shapeAnswer } from './faults/shape-answer.ts'
import { shapeReply } from './faults/shape-reply.ts'
import { sse } from './framing.ts'
import { parseBehaviour } from './parse-behaviour.ts'
import { bodyLimit, receive } from './receive.ts'
import type { RecordedRequest } from './recording.ts'
import { completeReply } from './reply/complete-reply.ts'
import type { Script, Scripted } from './script.ts'
import { early, resolve } from './script.ts'
import { send } from './send.ts'

export interface ExchangeOptions extends Omit<DialectContext, 'reply'> {
  readonly script: Script
  readonly apiKey: string | undefined
  readonly label: string
  readonly timing: Timing
  readonly requestBehaviours: boolean
  bodyReceived(): void
}

type Exchange = (request: IncomingMessage, response: ServerResponse, record: RecordedRequest) => Promise<void>

/** The way of one request: find its dialect and behaviour, read it, make the answer, send it. */
export function createExchange(options: ExchangeOptions): Exchange {
  return async (request, response, record) => {
    response.on('error', () => undefined)
    const path = record.path.split('?', 1)[0] as string
    const dialect = dialects.find((candidate) => candidate.matches(path))
    const scripted = choose(options, dialect, record)

    if (!(await receive(request, record, early(scripted)?.reading ?? {}))) return
    options.bodyReceived()

    const behaviour = guarded(() => resolve(scripted, record))
    const faults = faultsOf(behaviour)
    const answer =
      dialect === undefined ? unknownUrl(record, path) : answerOf(dialect, record, behaviour, faults, options)
    await send(response, answer, {
      headers: { ...dialect?.headers(options.identity), ...retryHeaders(faults), ...behaviour.headers },
      timing: { ...options.timing, ...behaviour.timing },
      faults,
      onBreak: () => record.settle('broken'),
    })
  }
}

function choose(options: ExchangeOptions, dialect: Dialect | undefined, record: RecordedRequest): Scripted {
  const own = options.requestBehaviours ? ownBehaviour(record) : undefined
  if (own !== undefined) return guarded(() => parseBehaviour(own))
  return dialect === undefined ? {} : options.script.take(dialect.operation)
}

/** What the request itself asks for. */
function ownBehaviour(record: RecordedRequest): string | undefined {
  const header = record.header('x-simulator')
  if (header !== undefined) return header
  const question = record.path.indexOf('?')
  return question < 0 ? undefined : (new URLSearchParams(record.path.slice(question)).get('simulator') ?? undefined)
}

/** A script that does not work is said to whoever sent the request: nobody else is there to hear it. */
function guarded(make: () => Behaviour): Behaviour {
  try {
    return make()
  } catch (error) {
    const message = `The simulator cannot do that: ${(error as Error).message}`
    return { fault: { kind: 'status', status: 400, error: { message, type: 'simulator_error' } } }
  }
}

function faultsOf(behaviour: Behaviour): readonly Fault[] {
  const { fault } = behaviour
  if (fault === undefined) return []
  return 'kind' in fault ? [fault] : fault
}

function answerOf(
  dialect: Dialect,
  record: RecordedRequest,
  behaviour: Behaviour,
  faults: readonly Fault[],
  options: ExchangeOptions,
): Answer {
  const status = statusFault(faults)
  if (status !== undefined) return shapeAnswer(errorAnswer(status.status, status, dialect), faults, dialect)
  if (behaviour.raw !== undefined) return shapeAnswer(rawAnswer(behaviour.raw), faults, dialect)
  try {
    admit(dialect, record, options)
    const reply: DialectContext['reply'] = (ask) =>
      completeReply(ask, shapeReply(behaviour.reply ?? {}, faults), options.label, options.identity)
    return shapeAnswer(dialect.answer(record, { ...options, reply }), faults, dialect)
  } catch (error) {
    if (error instanceof RequestRefused) return errorAnswer(error.error.status, error, dialect)
    if (error instanceof URIError) return errorAnswer(400, {}, dialect)
    const message = `The simulator failed: ${(error as Error).message}`
    return errorAnswer(500, { error: { message, type: 'simulator_error' } }, dialect)
  }
}

function admit(dialect: Dialect, record: RecordedRequest, options: ExchangeOptions): void {
  if (dialect.method !== '*' && record.method !== dialect.method) {
    const message = `Not allowed to ${record.method} on this path; use ${dialect.method}.`
    throw new RequestRefused({ status: 405, message, code: 'method_not_supported' })
  }
  if (record.bodySize > bodyLimit) throw new RequestRefused({ status: 413 })
  if (options.apiKey === undefined) return
  const key = dialect.credential(record)
  if (key === undefined || key === '') {
    throw new RequestRefused({ status: 401, message: "You didn't provide an API key.", code: null })
  }
  if (key !== options.apiKey) throw new RequestRefused({ status: 401 })
}

function statusFault(faults: readonly Fault[]): StatusFault | undefined {
  return faults.find((fault) => fault.kind === 'status')
}

function retryHeaders(faults: readonly Fault[]): Readonly<Record<string, string>> {
  const fault = statusFault(faults)
  return {
    ...(fault?.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }),
    ...(fault?.retryAfterMs === undefined ? {} : { 'retry-after-ms': String(fault.retryAfterMs) }),
  }
}

function rawAnswer(raw: RawAnswer): Answer {
  const status = raw.status ?? 200
  const { body } = raw
  if (typeof body === 'string' || body instanceof Uint8Array) {
    return { status, contentType: raw.contentType ?? 'application/json', body: { kind: 'whole', bytes: body } }
  }
  const stream = { kind: 'stream', framing: sse, events: body, deltas: body, end: undefined } as const
  return { status, contentType: raw.contentType ?? sse.contentType, body: stream }
}

function unknownUrl(record: RecordedRequest, path: string): Answer {
  const message = `Unknown request URL: ${record.method} ${path}.`
  return jsonAnswer(404, { error: { message, type: 'invalid_request_error', param: null, code: 'unknown_url' } })
}
