import type { Peek } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { routingMembers } from '../../json/routing-members.ts'
import { parseMembers, serializeMembers } from '../../json/members.ts'
import { type ObjectScan, scanObject, type Span } from '../../json/scan.ts'

const encoder = new TextEncoder()
const outputMembers = ['max_completion_tokens', 'max_tokens', 'n']
const requestMembers = ['model', 'stream', 'stream_options', ...routingMembers, ...outputMembers]
const requestKeys = requestMembers.map((key) => encoder.encode(key))
const optionKeys = ['include_usage'].map((key) => encoder.encode(key))
const decoder = new TextDecoder()

/** A peek that remembers where it looked, so that `patchChatRequest` need not look again. */
export interface ChatPeek extends Peek {
  readonly scan: ObjectScan
  readonly modelSpan: Span | undefined
  readonly optionsSpan: Span | undefined
  /** Of `stream_options`, where that is an object. */
  readonly options: ObjectScan | undefined
}

/** @throws SluiceError for bodies that are no JSON object, and for `model` or `stream` of a wrong type. */
export function peekChatRequest(body: Uint8Array): ChatPeek {
  const scan = scanObject(body, requestKeys)
  if (scan.plain) return peekAt(body, scan)
  // What repeated and escaped keys mean, `rewrite` decides: look at what it would send.
  const meant = serializeMembers(parseMembers(body))
  return { ...peekAt(meant, scanObject(meant, requestKeys)), plain: false }
}

/** One of `outputMembers`, of a request that is plain: the peek came past it. */
export function peekOutputLimit(body: Uint8Array, peek: Peek, name: string): number | undefined {
  const span = (peek as ChatPeek).scan.spans[requestMembers.indexOf(name)]
  return span === undefined ? undefined : readNumber(body, span)
}

function readNumber(body: Uint8Array, { start, end }: Span): number | undefined {
  let value = 0
  for (let index = start; index < end; index++) {
    const digit = body[index]! - 0x30
    if (digit < 0 || digit > 9 || index >= start + exactDigits) {
      const other = Number(decoder.decode(body.subarray(start, end)))
      return Number.isNaN(other) ? undefined : other
    }
    value = value * 10 + digit
  }
  return value
}

const exactDigits = 15

function peekAt(body: Uint8Array, scan: ObjectScan): ChatPeek {
  const [modelSpan, streamSpan, optionsSpan, modelsSpan, providerSpan] = scan.spans
  const stream = readStream(body, streamSpan)
  const options =
    stream && optionsSpan !== undefined && body[optionsSpan.start] === 0x7b ? scanOptions(body, optionsSpan) : undefined
  const model = readModel(body, modelSpan)
  // Without spreads: this is on the way of every request.
  const peek: { -readonly [Key in keyof ChatPeek]: ChatPeek[Key] } = {
    stream,
    usageRequested: options !== undefined && asksForUsage(body, optionsSpan!, options),
    plain: options?.plain !== false,
    scan,
    modelSpan,
    optionsSpan,
    options,
  }
  if (model !== undefined) peek.model = model
  if (modelsSpan !== undefined || providerSpan !== undefined) peek.choosesRoute = true
  return peek
}

function scanOptions(body: Uint8Array, span: Span): ObjectScan {
  return scanObject(body.subarray(span.start, span.end), optionKeys)
}

function asksForUsage(body: Uint8Array, { start, end }: Span, { plain, spans }: ObjectScan): boolean {
  if (!plain) return parseMembers(body.subarray(start, end)).get('include_usage') === 'true'
  // Spans of a nested scan count from the nested object's start.
  return spans[0] !== undefined && body[start + spans[0].start] === 0x74
}

function readModel(body: Uint8Array, span: Span | undefined): string | undefined {
  if (span === undefined || body[span.start] === 0x6e) return undefined
  if (body[span.start] !== 0x22)
    throw new SluiceError('invalid_request', '`model` must be a string.', { param: 'model' })
  const text = decoder.decode(body.subarray(span.start, span.end))
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1)
}

function readStream(body: Uint8Array, span: Span | undefined): boolean {
  switch (span === undefined ? undefined : body[span.start]) {
    case 0x74:
      return true
    case 0x66:
    case 0x6e:
    case undefined:
      return false
    default:
      throw new SluiceError('invalid_request', '`stream` must be true or false.', { param: 'stream' })
  }
}
