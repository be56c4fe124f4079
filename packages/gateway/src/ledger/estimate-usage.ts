import {
  type ChatDialect,
  type ChatEvent,
  type ChatRequest,
  noUsage,
  type SpokenDialect,
  totalInput,
  type Usage,
} from '@sluice/protocol'
import { type Answer, estimateText, estimateTokens, type Exchange, neutralRequest, type Target } from 'sluice'

/** What of a stream went to the caller: how much in all, and two pieces of it to judge the rest by. */
export interface Relayed {
  readonly bytes: number
  readonly first: Uint8Array
  readonly last: Uint8Array
}

/** A request larger than this is not read again only to be counted. */
const largestRead = 1024 * 1024
const bytesPerToken = 4

/**
 * What a chat used whose answer did not come to its end: what the provider said of it, and for the rest an estimate by the
 * request and by what was relayed. `undefined` when all of it is known, or nothing was asked of a provider.
 */
export function estimateUsage(
  exchange: Exchange,
  answer: Answer | undefined,
  relayed: Relayed | undefined,
): Usage | undefined {
  // Others go on with it, and one of them has what it used.
  if (answer?.cached === true) return undefined
  const target = answer?.target ?? exchange.attempts.at(-1)?.target
  const dialect = chatDialectOf(exchange.dialect)
  if (target === undefined || dialect === undefined) return undefined
  const said = answer?.tap.usage()
  if (said !== undefined && answer?.tap.finishReason() !== undefined) return undefined
  const output = relayed === undefined ? 0 : estimateOutput(dialect, target, relayed)
  // The counts at the beginning of a stream know the input already, and of the output nothing yet.
  const before =
    said !== undefined && totalInput(said) > 0 ? said : { ...noUsage, input: inputOf(exchange, dialect, target) }
  const unseen = Math.max(0, output - before.reasoning)
  return { ...before, output: Math.max(before.output, unseen), estimated: true }
}

function chatDialectOf(dialect: SpokenDialect): ChatDialect | undefined {
  return dialect.operation === 'chat' && 'result' in dialect ? (dialect as ChatDialect) : undefined
}

function inputOf(exchange: Exchange, dialect: ChatDialect, target: Target): number {
  const { body } = exchange
  if (body.length <= largestRead) {
    try {
      return estimateTokens(neutralRequest(exchange, dialect, target) as ChatRequest, target.model)
    } catch {
      // The provider took what cannot be read here.
    }
  }
  return Math.ceil(body.length / bytesPerToken)
}

/** As many tokens to the byte as in the pieces that were kept. */
function estimateOutput(dialect: ChatDialect, { model }: Target, { bytes, first, last }: Relayed): number {
  const { count } = estimateText(model)
  const pieces = bytes === first.length ? [first] : [first, last]
  const texts = readTexts(dialect, pieces)
  if (pieces.length === 1) return count(texts[0] ?? '')
  const beginning = count(texts[0] ?? '')
  const rest = (count(texts[1] ?? '') / last.length) * (bytes - first.length)
  return beginning + Math.round(rest)
}

function readTexts({ stream }: ChatDialect, pieces: readonly Uint8Array[]): readonly string[] {
  const texts: string[] = []
  let text = ''
  try {
    const decoder = stream.decoder((event) => void (text += textOf(event)), { warn: () => undefined })
    for (const piece of pieces) {
      text = ''
      decoder.write(piece)
      texts.push(text)
    }
  } catch {
    // Pieces need not make sense without those between them.
  }
  return texts
}

function textOf(event: ChatEvent): string {
  switch (event.type) {
    case 'text-delta':
      return event.text
    case 'tool-input-delta':
      return event.input
    case 'part-start':
      return event.content.type === 'text' || event.content.type === 'reasoning' ? event.content.text : ''
    default:
      return ''
  }
}
