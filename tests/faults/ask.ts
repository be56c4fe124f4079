import { type Agent, type IncomingHttpHeaders, request as sendRequest } from 'node:http'

export interface Question {
  /** Default POST. */
  readonly method?: string
  /** Default `/v1/chat/completions`. */
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as it is; an object as JSON. */
  readonly body?: string | Uint8Array | object
  readonly agent?: Agent
}

/** What a caller holds in the end. */
export interface Heard {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** Whether the HTTP message came to its proper end. */
  readonly whole: boolean
}

/** Asks the gateway at `origin` by an HTTP client that hides nothing. Rejects when there is no answer at all. */
export function ask(origin: string, question: Question): Promise<Heard> {
  const { method = 'POST', path = '/v1/chat/completions', headers = {}, body, agent } = question
  const bytes =
    body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  const target = new URL(origin)
  return new Promise((resolve, reject) => {
    const request = sendRequest(
      {
        host: target.hostname,
        port: target.port,
        method,
        path,
        agent: agent ?? false,
        headers: {
          ...(bytes !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(bytes),
          }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', () => undefined)
        response.on('close', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
            whole: response.complete,
          }),
        )
      },
    )
    request.on('error', reject)
    request.end(bytes)
  })
}

export interface ErrorBody {
  readonly message: string
  readonly type: string
  readonly param: string | null
  readonly code: string
  readonly request_id: string
}

/** The error in a body of OpenAI's shape; fails when it is no such body. */
export function errorOf({ body, headers }: Pick<Heard, 'body' | 'headers'>): ErrorBody {
  const parsed = JSON.parse(body) as { readonly error: ErrorBody }
  const { error } = parsed
  const proper =
    Object.keys(parsed).length === 1 &&
    typeof error.message === 'string' &&
    error.message !== '' &&
    typeof error.type === 'string' &&
    typeof error.code === 'string' &&
    (error.param === null || typeof error.param === 'string') &&
    error.request_id === headers['x-request-id']
  if (!proper) throw new Error(`This is no error in OpenAI's shape: ${body}`)
  return error
}

/** The data of a stream's events, in order. */
export function eventsOf(body: string): readonly string[] {
  return body
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice('data: '.length))
}

export const userMessage: readonly object[] = [{ role: 'user', content: 'Hello' }]

/** A provider's answer, as short as one can be. */
export const wholeAnswer =
  '{"id":"c1","object":"chat.completion","created":1,"model":"small","choices":[{"index":0,"message":{"role":"assistant",' +
  '"content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6}}'

/** The same as a stream, event by event. */
export const streamedAnswer: readonly string[] = [
  '"choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}],"usage":null',
  '"choices":[{"index":0,"delta":{"content":" there"},"finish_reason":null}],"usage":null',
  '"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null',
  '"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}',
]
  .map((members) => `data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"small",${members}}\n\n`)
  .concat('data: [DONE]\n\n')
