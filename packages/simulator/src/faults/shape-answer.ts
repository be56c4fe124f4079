import type { Answer, StreamBody } from '../answer.ts'
import type { Dialect } from '../dialect.ts'
import type { ErrorInsideFault, Fault } from '../fault.ts'
import type { Frame } from '../framing.ts'
import { errorAnswer, errorBody } from './error-answer.ts'

/** Faults that are a matter of the answer's bytes. */
export function shapeAnswer(answer: Answer, faults: readonly Fault[], dialect: Dialect): Answer {
  return faults.reduce((shaped, fault) => applyFault(shaped, fault, dialect), answer)
}

function applyFault(answer: Answer, fault: Fault, dialect: Dialect): Answer {
  const { body } = answer
  switch (fault.kind) {
    case 'error-inside':
      return errorInside(answer, fault, dialect)
    case 'invalid-json':
      return body.kind === 'stream'
        ? {
            ...answer,
            body: { ...body, events: replaceAt(body.events, fault.at ?? 1, body.framing.event('{"broken":"off')) },
          }
        : { ...answer, body: { kind: 'whole', bytes: Buffer.from(body.bytes).subarray(0, -2) } }
    case 'content-type':
      return { ...answer, contentType: fault.value }
    case 'html':
      return {
        ...answer,
        status: fault.status ?? 200,
        contentType: 'text/html; charset=utf-8',
        body: { kind: 'whole', bytes: '<!doctype html>\n<html><body><h1>Something is in between</h1></body></html>\n' },
      }
    case 'empty':
      return { ...answer, status: fault.status ?? 200, body: { kind: 'whole', bytes: '' } }
    case 'keep-alive':
      return keepAlive(answer, fault.text ?? 'keep-alive', fault.count ?? 1)
    case 'line-ends':
      return body.kind === 'stream'
        ? { ...answer, body: mapFrames(body, (frame) => withLineEnds(frame, fault.value)) }
        : answer
    case 'missing-end':
      return body.kind === 'stream' ? { ...answer, body: { ...body, end: undefined } } : answer
    case 'endless':
      return body.kind === 'stream'
        ? { ...answer, body: { ...body, events: endless(body, fault.events ?? 1_000_000) } }
        : answer
    default:
      return answer
  }
}

function errorInside(answer: Answer, fault: ErrorInsideFault, dialect: Dialect): Answer {
  const { body } = answer
  if (body.kind === 'whole' || fault.json === true) return { ...errorAnswer(500, fault, dialect), status: 200 }
  const error = errorBody(500, fault, dialect)
  const event = body.framing.event(
    typeof error === 'string' ? error : JSON.stringify(error),
    fault.event ?? body.errorEvent,
  )
  return { ...answer, body: { ...body, events: endWith(body.events, fault.at ?? 0, event), end: undefined } }
}

function keepAlive(answer: Answer, text: string, count: number): Answer {
  const { body } = answer
  if (body.kind === 'whole') {
    const bytes = Buffer.concat([Buffer.from('\n'.repeat(count)), Buffer.from(body.bytes)])
    return { ...answer, body: { kind: 'whole', bytes } }
  }
  const lines = Array.from({ length: count }, () => body.framing.keepAlive(text))
  return { ...answer, body: { ...body, events: before(body.events, lines) } }
}

function withLineEnds(frame: Frame, value: string): Frame {
  return typeof frame === 'string' ? frame.replaceAll('\n', value) : frame
}

function mapFrames(body: StreamBody, change: (frame: Frame) => Frame): StreamBody {
  const end = body.end === undefined ? undefined : change(body.end)
  return { ...body, events: mapped(body.events, change), end }
}

function* mapped(events: Iterable<Frame>, change: (frame: Frame) => Frame): Generator<Frame> {
  for (const event of events) yield change(event)
}

function* replaceAt(events: Iterable<Frame>, at: number, replacement: Frame): Generator<Frame> {
  let index = 0
  for (const event of events) yield index++ === at ? replacement : event
}

/** `count` events, fewer when there are no more, and then the last one. */
function* endWith(events: Iterable<Frame>, count: number, last: Frame): Generator<Frame> {
  let index = 0
  for (const event of events) {
    if (index++ === count) break
    yield event
  }
  yield last
}

function* before(events: Iterable<Frame>, lines: readonly Frame[]): Generator<Frame> {
  for (const event of events) {
    yield* lines
    yield event
  }
}

/** All that comes before the end of the deltas, and then those again and again. */
function* endless(body: StreamBody, limit: number): Generator<Frame> {
  const last = body.deltas.at(-1)
  let count = 0
  for (const event of body.events) {
    if (count++ === limit) return
    yield event
    if (event === last) break
  }
  while (body.deltas.length > 0) {
    for (const event of body.deltas) {
      if (count++ === limit) return
      yield event
    }
  }
}
