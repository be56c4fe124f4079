import { type ChatDialect, type ChatEvent, type ChatResult, foldChatEvents, type Warning } from '@sluice/protocol'
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
  const warnings: Warning[] = []
  const context = { warn: (warning: Warning) => void warnings.push(warning) }
  const body = dialect.request.encode({ ...scenario.request, model, stream }, context)
  const root = dialect.served?.some((path) => path.startsWith('/v1beta')) === true ? `${origin}/v1beta` : `${origin}/v1`
  const response = await fetch(root + dialect.path(model, stream), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  const bytes = new Uint8Array(await response.arrayBuffer())
  const reported = response.headers.get('x-sluice-warnings') ?? undefined
  const result = stream
    ? foldStream(dialect, [bytes])
    : dialect.result.decode(JSON.parse(new TextDecoder().decode(bytes)), context)
  return { result, warnings, reported }
}

function foldStream(dialect: ChatDialect, pieces: readonly Uint8Array[]): ChatResult {
  const events: ChatEvent[] = []
  const decoder = dialect.stream.decoder((event) => events.push(event), { warn: () => undefined })
  for (const piece of pieces) decoder.write(piece)
  decoder.end()
  return foldChatEvents(events)
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
