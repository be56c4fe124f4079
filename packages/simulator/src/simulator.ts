import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Timing } from './behaviour.ts'
import type { ModelEntry, ModelListShape } from './dialect.ts'
import { createShelf } from './dialects/openai-batches/shelf.ts'
import { createExchange } from './exchange.ts'
import type { FixedOptions } from './fixed.ts'
import { fixedAnswers } from './fixed.ts'
import { createIdentity } from './identity.ts'
import type { RecordedRequest, RecordingLimits } from './recording.ts'
import { Recording } from './recording.ts'
import type { Scripted } from './script.ts'
import { Script } from './script.ts'

export interface SimulatorOptions {
  /** Of 127.0.0.1; default 0: any free one. */
  readonly port?: number
  /** Callers must send it; default: any or none will do. */
  readonly apiKey?: string
  /** Others are refused with 404; default: any model is served. */
  readonly models?: readonly ModelEntry[]
  /** How the list of models is written; default `list`. */
  readonly modelList?: ModelListShape
  /** Ids, log probabilities and padding repeat for the same seed; default 1. */
  readonly seed?: number
  /** Who it says it is; default "Sluice's demo provider". */
  readonly label?: string
  /** For every answer, unless a behaviour says otherwise. */
  readonly timing?: Timing
  /** How requests are answered that no queued behaviour is for. */
  readonly always?: Scripted
  /** Whether a request may bring its own behaviour (`x-simulator` header, `simulator` in the query); default true. */
  readonly requestBehaviours?: boolean
  readonly recording?: RecordingLimits
  /** Whether pages of other origins may call it, as they may call OpenAI; default false. */
  readonly cors?: boolean
  /** For benchmarks: prepared answers to every POST; nothing is read, scripted or recorded. */
  readonly fixed?: FixedOptions
}

export interface Simulator extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/v1`, the base URL for clients. */
  readonly url: string
  /** `http://127.0.0.1:PORT` */
  readonly origin: string
  readonly port: number
  /** The newest requests, oldest first, each from the moment its head came. */
  readonly requests: readonly RecordedRequest[]
  readonly openConnections: number
  /** Behaviours queued and not yet used. */
  readonly pending: number
  /** One behaviour for each of the next requests, after those queued before. */
  next(...behaviours: readonly Scripted[]): void
  /** For all requests that no queued behaviour is for; `undefined`: the usual. */
  always(behaviour: Scripted | undefined): void
  /** Forgets queued behaviours and recorded requests; `always` is as it was at the start. */
  reset(): void
  /** Closes every connection, also those in use. */
  close(): Promise<void>
}

/** Rejects when the port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const script = new Script(options.always)
  const recording = new Recording(options.recording ?? {})
  const connections = new Map<Socket, number>()
  let accepted = 0

  const exchange = createExchange({
    script,
    apiKey: options.apiKey,
    label: options.label ?? "Sluice's demo provider",
    timing: options.timing ?? {},
    requestBehaviours: options.requestBehaviours ?? true,
    models: options.models,
    modelList: options.modelList ?? 'list',
    identity: createIdentity(options.seed ?? 1),
    shelf: createShelf(),
    bodyReceived: () => recording.trim(),
  })
  const usual = (request: IncomingMessage, response: ServerResponse): void => {
    void exchange(request, response, recording.start(request, response, connections.get(request.socket) ?? 0))
  }
  // Idle connections outlive any pause of a client: closing them is a fault, and faults are scripted.
  const server = createServer(
    { keepAliveTimeout: 600_000, requestTimeout: 0, noDelay: true },
    listener(options.cors === true ? allowingOrigins(usual) : usual, options),
  )
  server.on('connection', (socket) => {
    const connection = ++accepted
    connections.set(socket, connection)
    socket.once('close', () => {
      connections.delete(socket)
      recording.closeConnection(connection)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`

  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        connections.clear()
        resolve()
      })
      for (const socket of connections.keys()) socket.destroy()
    })

  return {
    url: `${origin}/v1`,
    origin,
    port,
    requests: recording.requests,
    get openConnections() {
      return connections.size
    },
    get pending() {
      return script.pending
    },
    next: (...behaviours) => script.next(behaviours),
    always: (behaviour) => script.always(behaviour),
    reset() {
      script.reset()
      recording.clear()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Preflights are answered here: they are no requests of the provider's API. */
function allowingOrigins(usual: RequestListener): RequestListener {
  return (request, response) => {
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-expose-headers', '*')
    if (request.method !== 'OPTIONS') return usual(request, response)
    const asked = request.headers['access-control-request-headers']
    response.writeHead(204, {
      'access-control-allow-methods': 'GET, POST, DELETE',
      ...(asked !== undefined && { 'access-control-allow-headers': asked }),
    })
    response.end()
  }
}

function listener(usual: RequestListener, options: SimulatorOptions): RequestListener {
  if (options.fixed === undefined) return usual
  const fixed = fixedAnswers(options.fixed, options.timing ?? {})
  return (request, response) => (request.method === 'POST' ? fixed(request, response) : usual(request, response))
}
