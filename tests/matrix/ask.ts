import {
  type ChatDialect,
  type ChatEvent,
  type ChatResult,
  foldChatEvents,
  type SluiceError,
  type Warning,
} from '@sluice/protocol'
import type { Scenario } from './scenarios.ts'

export interface Crossing {
  readonly result: ChatResult
  /** What the caller's codec could not say in the request. */
  readonly warnings: readonly Warning[]
  /** Of `x-sluice-warnings`. */
  readonly reported: string | undefined
}

/** Asks the gateway as a client of `dialect` would, by that dialect's own codecs. */
export async function ask(
  origin: string,
  dialect: ChatDialect,
  model: string,
  scenario: Scenario,
  stream: boolean,
): Promise<Crossing> {
  const { response, bytes, warnings } = await send(origin, dialect, model, scenario, stream)
  if (!response.ok) throw new Error(`${response.status} ${new TextDecoder().decode(bytes)}`)
  const reported = response.headers.get('x-sluice-warnings') ?? undefined
  const result = stream
    ? foldChatEvents(eventsOf(dialect, [bytes]))
    : dialect.result.decode(JSON.parse(new TextDecoder().decode(bytes)), { warn: (warning) => warnings.push(warning) })
  return { result, warnings, reported }
}

export interface Received {
  readonly response: Response
  readonly bytes: Uint8Array
  readonly warnings: Warning[]
}

/** The same, whatever comes back. */
export async function send(
  origin: string,
  dialect: ChatDialect,
  model: string,
  { request }: Pick<Scenario, 'request'>,
  stream: boolean,
): Promise<Received> {
  const warnings: Warning[] = []
  const context = { warn: (warning: Warning) => void warnings.push(warning) }
  const body = dialect.request.encode({ ...request, model, stream }, context)
  const response = await fetch(urlOf(origin, dialect, model, stream), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { response, bytes: new Uint8Array(await response.arrayBuffer()), warnings }
}

/** As the client of `dialect` understands an error answer. */
export function readError(dialect: ChatDialect, { response, bytes }: Received): SluiceError {
  return dialect.error.decode({
    status: response.status,
    header: (name) => response.headers.get(name) ?? undefined,
    body: JSON.parse(new TextDecoder().decode(bytes)),
  })
}

/** What a client of `dialect` hears of a stream that arrives in these pieces. */
export function eventsOf(dialect: ChatDialect, pieces: Iterable<Uint8Array>): readonly ChatEvent[] {
  const events: ChatEvent[] = []
  const decoder = dialect.stream.decoder((event) => events.push(event), { warn: () => undefined })
  for (const piece of pieces) decoder.write(piece)
  decoder.end()
  return events
}

function urlOf(origin: string, dialect: ChatDialect, model: string, stream: boolean): string {
  const version = dialect.served?.some((path) => path.startsWith('/v1beta')) === true ? '/v1beta' : '/v1'
  return origin + version + dialect.path(model, stream)
}

/** What a person would compare of two answers. */
export interface Gist {
  readonly text: string
  readonly reasoning: string
  readonly refusal: string
  readonly calls: readonly { readonly name: string; readonly input: unknown }[]
  readonly finishReason: string | null
  readonly input: number | undefined
  readonly cached: number | undefined
  readonly output: number | undefined
  readonly reasoned: number | undefined
}

export function gistOf(result: ChatResult): Gist {
  const [choice] = result.choices
  const parts = choice?.content ?? []
  const textOf = (type: 'text' | 'reasoning' | 'refusal'): string =>
    parts.map((part) => (part.type === type ? part.text : '')).join('')
  const { usage } = result
  return {
    text: textOf('text'),
    reasoning: textOf('reasoning'),
    refusal: textOf('refusal'),
    calls: parts.flatMap((part) =>
      part.type === 'tool-call' ? [{ name: part.name, input: JSON.parse(part.input || '{}') as unknown }] : [],
    ),
    finishReason: choice?.finishReason ?? null,
    input: usage && usage.input + usage.cacheRead + usage.cacheWrite + usage.cacheWriteLong,
    cached: usage?.cacheRead,
    output: usage && usage.output + usage.reasoning,
    reasoned: usage?.reasoning,
  }
}
