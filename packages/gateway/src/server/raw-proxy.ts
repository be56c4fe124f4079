import { type Dialect, openaiChat, SluiceError, type Tap } from '@sluice/protocol'
import {
  type Abortable,
  type ConfiguredProvider,
  type Destination,
  destinationFor,
  dialectOf,
  type Engine,
  type RecognisedCall,
  recogniseCall,
  scrubSecrets,
  type Transport,
  type UpstreamFlow,
  type UpstreamHeaders,
  type UpstreamReceiver,
} from 'sluice'
import { checkOperation, checkProvider, checkUnseenModels } from '../access/policy.ts'
import type { RawAdmit } from '../limits/raw-admit.ts'
import type { Authenticate } from '../pipeline/authenticate.ts'
import type { Meter } from '../pipeline/meter.ts'
import type { ErrorLog } from '../telemetry/error-log.ts'
import { type Call, checkCaller, type Handler } from './call.ts'
import { readBody } from './read-body.ts'
import { sendError } from './respond.ts'

export interface RawProxyParts {
  readonly authenticate: Authenticate
  readonly engine: Pick<Engine, 'registry'>
  /** By which calls are recognised, to know what they cost. */
  readonly dialects: readonly Dialect[]
  readonly transport: Transport
  readonly admit: RawAdmit
  readonly meter: Meter
  readonly errorLog: ErrorLog
  readonly maxBodyBytes: number
}

const prefix = '/proxy/'
/** Of an error's body, which is gathered to be searched for our key. */
const errorLimit = 64 * 1024
/** In bytes, generously. */
const longestKey = 8 * 1024

/**
 * `/proxy/{provider}/…`: any call that no dialect models, with the provider's credential, relayed as it is. The
 * provider's base URL is the root: neither another host nor a path above it can be reached.
 */
export function createRawProxy(parts: RawProxyParts): Handler {
  const { authenticate, admit, engine, dialects, transport, meter, errorLog, maxBodyBytes } = parts
  return async function proxy(call: Call): Promise<void> {
    try {
      const principal = await authenticate(call.request)
      checkOperation(principal, 'raw')
      const provider = findProvider(call, engine)
      checkProvider(principal, provider.id)
      checkUnseenModels(principal)
      checkMethod(call)
      const destination = destinationOf(call, provider, dialects)
      const body = await readBody(call, maxBodyBytes, 'any')
      const admission = await admit({ principal, provider, size: body.length, head: call })
      if (call.response.closed) admission?.settle(undefined, false)
      checkCaller(call)
      const { path } = call
      const below = path.slice(path.indexOf('/', prefix.length))
      const recognised = body.length === 0 ? undefined : recogniseCall(dialects, provider, below, body)
      const settle = (tap: Tap | undefined, error: SluiceError | undefined): void => {
        const { usage, cost } = meter.settleRaw(
          { requestId: call.id, principal, provider, recognised, startedAt: call.startedAt },
          tap,
          error,
        )
        admission?.settle(usage, true, cost)
        if (error !== undefined) errorLog(call, error, [])
      }
      const relay = new RawRelay(call, provider, settle, recognised && { ...recognised, body })
      call.underWay = relay
      const { timeout } = provider
      relay.flow = transport.send(
        {
          destination,
          method: call.request.method ?? 'GET',
          body: body.length === 0 ? [] : [body],
          timeouts: { connect: 10_000, firstByte: timeout, idle: timeout },
        },
        relay,
      )
    } catch (thrown) {
      if (!(thrown instanceof SluiceError)) throw thrown
      errorLog(call, thrown, [])
      sendError(call, thrown, openaiChat, 0)
    }
  }
}

/** By TRACE a server sends back what it was sent, and so our key (RFC 9110, section 9.3.8). */
function checkMethod({ request }: Call): void {
  if (request.method === 'TRACE') throw new SluiceError('method_not_allowed', 'No provider is asked by TRACE.')
}

function findProvider(call: Call, engine: Pick<Engine, 'registry'>): ConfiguredProvider {
  const id = call.path.slice(prefix.length).split('/', 1)[0] ?? ''
  const provider = engine.registry.addresses.find(id)
  if (provider !== undefined) return provider
  const known = engine.registry.providers.map((candidate) => candidate.id).join(', ')
  throw new SluiceError('provider_not_found', `No provider of that name is configured. Configured: ${known}.`)
}

/**
 * What must not stand in a path that is put below another: climbing, hosts, whatever a server may take for a slash or,
 * decoding twice, for any of these, and what no path is made of.
 */
const unsafe =
  /(^|\/|%2f)(\.|%2e){1,2}(\/|%2f|;|%3b|$)|(\/|%2f){2}|\\|%5c|%25(2[ef]|5c)|%[01][0-9a-f]|%7f|#|[^\x21-\x7e]/i
/** A query may hold encoded what it likes: it is no path. */
const unsafeQuery = /[\\#]|[^\x21-\x7e]/

function destinationOf(call: Call, provider: ConfiguredProvider, dialects: readonly Dialect[]): Destination {
  const url = call.request.url ?? ''
  const whole = url.slice(url.indexOf(prefix) + prefix.length)
  const slash = whole.search(/[/?]/)
  const rest = slash < 0 ? '/' : whole[slash] === '?' ? `/${whole.slice(slash)}` : whole.slice(slash)
  const mark = rest.indexOf('?')
  const path = mark < 0 ? rest : rest.slice(0, mark)
  const query = mark < 0 ? '' : withoutCallerKey(rest.slice(mark + 1))
  if (unsafe.test(path) || unsafeQuery.test(query))
    throw new SluiceError(
      'invalid_request',
      'The path below the provider may not climb, and path and query may hold ordinary characters only: encode others.',
    )
  const { headers, ...destination } = destinationFor(provider, query === '' ? path : `${path}?${query}`, 'GET')
  const wires = dialects.filter(({ id }) => provider.preset.speaks.some((spoken) => dialectOf(spoken) === id))
  const ours = new Map(wires.flatMap((dialect) => Object.entries(dialect.headers ?? {})))
  for (let index = 0; index < headers.length; index += 2) ours.set(headers[index]!, headers[index + 1]!)
  for (const name of ['content-type', 'accept', ...wires.flatMap((dialect) => dialect.forwardedHeaders ?? [])]) {
    const value = call.request.headers[name]
    if (typeof value === 'string') ours.set(name, value)
  }
  return { ...destination, headers: [...ours].flat() }
}

/** A caller's key in the query (`?key=`, Gemini's way) is for us: the rest stays as it is written. */
function withoutCallerKey(query: string): string {
  const parts = query.split('&')
  return parts.filter((part) => !new URLSearchParams(part).has('key')).join('&')
}

/** Headers of the answer that callers need; the connection's own and cookies are not theirs. */
const passedOn = ['content-type', 'content-disposition', 'retry-after', 'location']

/** What an answer is to be read as. */
export interface AskedCall extends Pick<RecognisedCall, 'dialect' | 'stream'> {
  readonly body: Uint8Array
}

/** Relays one answer as it comes, with its status; errors without our key in them. */
export class RawRelay implements UpstreamReceiver, Abortable {
  readonly #call: Call
  readonly #provider: ConfiguredProvider
  readonly #settle: (tap: Tap | undefined, error: SluiceError | undefined) => void
  flow: UpstreamFlow | undefined
  readonly #asked: AskedCall | undefined
  #tap: Tap | undefined
  #status = 0
  #head: string[] = []
  #errorBody: Uint8Array[] = []
  #errorSize = 0
  #over = false

  constructor(
    call: Call,
    provider: ConfiguredProvider,
    settle: (tap: Tap | undefined, error: SluiceError | undefined) => void,
    asked?: AskedCall,
  ) {
    this.#call = call
    this.#provider = provider
    this.#settle = settle
    this.#asked = asked
    call.response.on('drain', () => this.flow?.resume())
  }

  start(status: number, headers: UpstreamHeaders): void {
    this.#status = status
    const { id, headers: ours = [] } = this.#call
    this.#head = ['x-request-id', id, 'x-sluice-provider', this.#provider.id, ...ours]
    for (const name of passedOn) {
      const value = headers[name]
      if (typeof value === 'string') this.#head.push(name, scrubSecrets(value, this.#provider))
    }
    if (status >= 400) return
    this.#tap = this.#createTap(String(headers['content-type'] ?? ''))
    this.#call.response.writeHead(status, this.#head)
  }

  /** Many an API tells what was used as OpenAI's does. */
  #createTap(type: string): Tap | undefined {
    const { dialect, stream, body } = this.#asked ?? {
      dialect: openaiChat,
      stream: type.startsWith('text/event-stream'),
    }
    if (type.startsWith('application/json')) return dialect.tap.result(body)
    return stream ? dialect.tap.stream({ hideUsage: false }) : undefined
  }

  data(chunk: Uint8Array): void {
    if (this.#status >= 400) {
      this.#errorBody.push(chunk)
      this.#errorSize += chunk.length
      // An error that does not end says enough by now.
      if (this.#errorSize >= errorLimit) this.#endEarly()
      return
    }
    this.#tap?.write(chunk)
    if (!this.#call.response.write(chunk)) this.flow?.pause()
  }

  end(): void {
    if (this.#over) return
    this.#tap?.end()
    if (this.#status < 400) {
      this.#finish(undefined)
      this.#call.response.end()
      return
    }
    this.#finish(new SluiceError('upstream_error', `The provider answered with status ${this.#status}.`))
    const said = scrubSecrets(Buffer.concat(this.#errorBody).toString('latin1'), this.#provider)
    // At the end of what is cut off our key may stand, cut off too.
    const body = Buffer.from(this.#errorSize < errorLimit ? said : said.slice(0, errorLimit - longestKey), 'latin1')
    this.#call.response.writeHead(this.#status, [...this.#head, 'content-length', String(body.length)])
    this.#call.response.end(body)
  }

  #endEarly(): void {
    const { flow } = this
    this.end()
    flow?.cancel()
  }

  error(error: SluiceError): void {
    if (this.#over) return
    this.#finish(error)
    sendError(this.#call, error, openaiChat, 1)
  }

  /** The caller went away. */
  abort(): void {
    this.flow?.cancel()
    this.#finish(new SluiceError('client_closed_request', 'The caller went away.'))
  }

  #finish(error: SluiceError | undefined): void {
    if (this.#over) return
    this.#over = true
    this.flow = undefined
    this.#settle(this.#tap, error)
  }
}
