import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SeenRequest {
  readonly method: string
  /** With query. */
  readonly path: string
  readonly key: string | undefined
  readonly body: Readonly<Record<string, unknown>>
}

/** A provider that speaks the Responses API and keeps state, as OpenAI does. */
export interface StatefulProvider {
  /** With `/v1`. */
  readonly url: string
  /** Oldest first. */
  readonly requests: readonly SeenRequest[]
  close(): Promise<void>
}

/** @param name begins its ids, so that those of two differ. */
export async function startStatefulProvider(name: string): Promise<StatefulProvider> {
  const responses = new Map<string, Record<string, unknown>>()
  const requests: SeenRequest[] = []

  function answer(seen: SeenRequest, response: ServerResponse): void {
    const [path = ''] = seen.path.split('?')
    const [, id, part] = /^\/v1\/responses\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? []
    if (seen.method === 'POST' && path === '/v1/responses') return create(seen.body, response)
    const known = responses.get(id ?? '')
    if (known === undefined)
      return send(response, 404, { error: { message: `No ${id}, key ${seen.key}`, type: 'invalid_request_error' } })
    if (seen.method === 'DELETE') {
      responses.delete(known['id'] as string)
      return send(response, 200, { id, object: 'response', deleted: true })
    }
    if (part === 'cancel') return send(response, 200, { ...known, status: 'cancelled' })
    if (part === 'input_items')
      return send(response, 200, { object: 'list', data: [{ id: 'msg_in', type: 'message' }], has_more: false })
    send(response, 200, known)
  }

  function create(body: SeenRequest['body'], response: ServerResponse): void {
    const id = `resp_${name}${responses.size + 1}`
    const content = [{ type: 'output_text', text: 'Sunny.', annotations: [] }]
    const output = [{ type: 'message', id: `msg_${id}`, role: 'assistant', status: 'completed', content }]
    const store = body['store'] !== false
    const made = {
      id,
      object: 'response',
      status: 'completed',
      model: body['model'],
      error: null,
      output,
      store,
      n: 1.5,
    }
    if (store) responses.set(id, made)
    if (body['stream'] !== true) return send(response, 200, made)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const event = (type: string, members: object): void =>
      void response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`)
    event('response.created', { response: { ...made, status: 'in_progress', output: [] }, sequence_number: 0 })
    event('response.output_text.delta', { delta: 'Sunny.', sequence_number: 1 })
    event('response.completed', { response: made, sequence_number: 2 })
    response.end()
  }

  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const key = request.headers.authorization?.replace(/^Bearer /, '')
      const seen = { method: request.method ?? '', path: request.url ?? '', key, body }
      requests.push(seen)
      answer(seen, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function read(request: IncomingMessage): Promise<SeenRequest['body']> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text === '' ? {} : (JSON.parse(text) as SeenRequest['body'])
}

/** With spaces, as nobody who wrote it anew would have them. */
function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value, undefined, 1))
}
