import { type ChatDialect, type ChatEvent } from '@sluice/protocol'
import { chatDialects } from '@sluice/protocol/dialects'

/** Who asks: one for each kind of client. */
export interface Caller {
  readonly id: string
  /** Absent for embeddings. */
  readonly dialect: ChatDialect | undefined
  path(model: string, stream: boolean): string
  body(model: string, stream: boolean): object
}

const silent = { warn: () => undefined }

function chatCaller(id: string, version: string): Caller {
  const dialect = chatDialects.find((candidate) => candidate.id === id)
  if (dialect === undefined) throw new Error(`There is no dialect ${id}.`)
  return {
    id,
    dialect,
    path: (model, stream) => version + dialect.path(model, stream),
    body: (model, stream) =>
      dialect.request.encode(
        { model, stream, messages: [{ role: 'user', content: 'Where are you?' }] },
        silent,
      ) as object,
  }
}

const embeddings: Caller = {
  id: 'embeddings',
  dialect: undefined,
  path: () => '/v1/embeddings',
  body: (model) => ({ model, input: 'Where are you?' }),
}

export const callers: readonly Caller[] = [
  chatCaller('openai-chat', '/v1'),
  chatCaller('openai-responses', '/v1'),
  chatCaller('anthropic-messages', '/v1'),
  chatCaller('gemini-generate', '/v1beta'),
  embeddings,
]

/** What a client makes of a body. */
export interface Heard {
  readonly text: string
  /** It looks finished. */
  readonly finished: boolean
  /** Our code of the error in it, in whatever place the client's dialect has for it. */
  readonly code: string | undefined
}

export function read({ dialect }: Caller, body: string, streamed: boolean): Heard {
  if (streamed && dialect !== undefined) return readStream(dialect, body)
  const wire = parse(body)
  const code = codeIn(wire)
  if (code !== undefined || wire === undefined) return { text: '', finished: false, code }
  if (dialect === undefined) return { text: '', finished: JSON.stringify(wire).includes('"embedding"'), code }
  const { choices } = dialect.result.decode(wire, silent)
  const parts = choices[0]?.content ?? []
  return { text: parts.map((part) => (part.type === 'text' ? part.text : '')).join(''), finished: true, code }
}

function readStream(dialect: ChatDialect, body: string): Heard {
  const events = eventsOf(dialect, body)
  const codes = body.split('\n').flatMap((line) => (line.startsWith('data: {') ? [codeIn(parse(line.slice(6)))] : []))
  return {
    text: textOf(events),
    finished: events.some(({ type }) => type === 'message-end'),
    code: codes.find((code) => code !== undefined),
  }
}

export function eventsOf(dialect: ChatDialect, body: string): readonly ChatEvent[] {
  const events: ChatEvent[] = []
  const decoder = dialect.stream.decoder((event) => events.push(event), silent)
  decoder.write(new TextEncoder().encode(body))
  decoder.end()
  return events
}

export function textOf(events: readonly ChatEvent[]): string {
  return events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')
}

function codeIn(wire: unknown): string | undefined {
  const error = member(wire, 'error') ?? member(member(wire, 'response'), 'error')
  const reason: unknown = member(member(member(error, 'details'), '0'), 'reason')
  const code = typeof reason === 'string' ? reason.toLowerCase() : member(member(error, 'details'), 'error_code')
  const found = code ?? member(error, 'code')
  return typeof found === 'string' ? found : undefined
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
