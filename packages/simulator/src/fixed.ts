import type { RequestListener, ServerResponse } from 'node:http'
import type { Timing } from './behaviour.ts'
import { sse } from './framing.ts'

export interface FixedOptions {
  /** Exact size of the JSON answer; default 900. */
  readonly bytes?: number
  /** Chunks with text in a stream, besides its first and last; default 100. */
  readonly chunks?: number
}

/**
 * Prepared answers: no cost per request beyond node:http's. Streams when the body says so, each chunk its own
 * write. Throws `RangeError` for a size too small for an answer.
 */
export function fixedAnswers(options: FixedOptions, timing: Timing): RequestListener {
  const json = jsonBody(options.bytes ?? 900)
  const jsonHeaders = ['content-type', 'application/json', 'content-length', String(json.length), ...commonHeaders]
  const streamHeaders = ['content-type', sse.contentType, 'cache-control', 'no-cache', ...commonHeaders]
  const plain = streamFrames(options.chunks ?? 100, false)
  const withUsage = streamFrames(options.chunks ?? 100, true)
  const { latency = 0, firstEvent = 0, gap = 0 } = timing

  const answer = (response: ServerResponse, streams: boolean, usage: boolean): void => {
    if (response.destroyed) return
    if (!streams) {
      response.writeHead(200, jsonHeaders)
      response.end(json)
      return
    }
    response.writeHead(200, streamHeaders)
    if (firstEvent > 0) response.flushHeaders()
    const start = (): void => sendFrames(response, usage ? withUsage : plain, gap)
    if (firstEvent > 0) setTimeout(start, firstEvent)
    else start()
  }

  return (request, response) => {
    let streams = false
    let usage = false
    let previous: Buffer | undefined
    const look = (bytes: Buffer): void => {
      streams ||= says(bytes, '"stream"')
      usage ||= says(bytes, '"include_usage"')
    }
    request.on('data', (piece: Buffer) => {
      // The words may lie across two pieces.
      if (previous !== undefined) look(Buffer.concat([previous.subarray(-32), piece.subarray(0, 32)]))
      look(piece)
      previous = piece
    })
    request.on('end', () => {
      if (latency > 0) setTimeout(answer, latency, response, streams, usage)
      else answer(response, streams, usage)
    })
  }
}

/** Quotes inside a JSON string are escaped, so that a prompt cannot be mistaken for a member. */
function says(bytes: Buffer, member: string): boolean {
  const index = bytes.indexOf(member)
  if (index < 0) return false
  return /^\s*:\s*true/.test(bytes.toString('latin1', index + member.length, index + member.length + 10))
}

function sendFrames(response: ServerResponse, frames: readonly Buffer[], gap: number): void {
  let index = 0
  const step = (): void => {
    if (response.destroyed) return
    const frame = frames[index++] as Buffer
    if (index === frames.length) response.end(frame)
    else if (!response.write(frame)) response.once('drain', step)
    else if (gap > 0) setTimeout(step, gap)
    else setImmediate(step)
  }
  step()
}

const commonHeaders = ['x-request-id', 'req_fixed', 'openai-processing-ms', '1']
const head = { id: 'chatcmpl-fixed', created: 1_767_225_600, model: 'fixed' }

function jsonBody(bytes: number): Buffer {
  const body = (content: string): Buffer =>
    Buffer.from(
      JSON.stringify({
        ...head,
        object: 'chat.completion',
        choices: [
          { index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason: 'stop' },
        ],
        usage: { prompt_tokens: 250, completion_tokens: 150, total_tokens: 400 },
      }),
    )
  const least = body('').length
  if (bytes < least) throw new RangeError(`An answer takes at least ${least} bytes; ${bytes} were asked for.`)
  return body('word '.repeat(Math.ceil(bytes / 5)).slice(0, bytes - least))
}

function streamFrames(chunks: number, includeUsage: boolean): readonly Buffer[] {
  const frame = (choices: readonly unknown[], usage: unknown): Buffer =>
    Buffer.from(
      sse.event(
        JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...(includeUsage ? { usage } : {}) }),
      ),
    )
  const choice = (delta: unknown, finish: string | null): unknown => ({
    index: 0,
    delta,
    logprobs: null,
    finish_reason: finish,
  })
  const usage = { prompt_tokens: 250, completion_tokens: chunks, total_tokens: 250 + chunks }
  const last = includeUsage ? [frame([], usage)] : []
  return [
    frame([choice({ role: 'assistant', content: '', refusal: null }, null)], null),
    ...Array.from({ length: chunks }, () => frame([choice({ content: 'word ' }, null)], null)),
    Buffer.concat([frame([choice({}, 'stop')], null), ...last, Buffer.from(sse.event('[DONE]'))]),
  ]
}
