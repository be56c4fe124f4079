import type { OutputLimits } from '@sluice/protocol'
import { type Exchange, factsOf } from 'sluice'

/** Bytes of JSON for a token of input: usual ones, and the fewest. */
const usualBytes = 4
const fewestBytes = 2
/** From here on it pays to look whether these are pictures. */
const largeBody = 32 * 1024
/** Longer texts without a space are files, and for such a file so many tokens are taken. */
const longestWord = 1_000
const tokensOfFile = 1_500

/** What a request comes to before it is asked; for a budget the most that it may be, for a limit what is likely. */
export function estimateInput(exchange: Exchange, forBudget: boolean): number {
  const { body } = exchange
  if (exchange.dialect.operation === 'count-tokens') return 0
  const perToken = forBudget ? fewestBytes : usualBytes
  if (body.length < largeBody) return Math.ceil(body.length / perToken)
  const { characters, files } = measure(factsOf(exchange).params)
  return Math.ceil(characters / perToken) + files * tokensOfFile
}

interface Measured {
  readonly characters: number
  readonly files: number
}

function measure(value: unknown): Measured {
  let characters = 0
  let files = 0
  // No recursion: how deep it goes is the caller's choice.
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next === 'string') {
      if (next.length > longestWord && !next.slice(0, longestWord).includes(' ')) files++
      else characters += Buffer.byteLength(next)
    } else if (typeof next === 'object' && next !== null) {
      for (const [name, member] of Object.entries(next)) {
        characters += name.length
        open.push(member)
      }
    } else characters += 4
  }
  return { characters, files }
}

/** Operations whose answers are not paid by tokens of output. */
const withoutOutput: ReadonlySet<string> = new Set(['embed', 'rerank', 'moderate', 'count-tokens', 'models'])

/** Tokens that the answer may have at the most, as the request says; `undefined` when it does not. */
export function outputLimit(exchange: Exchange): number | undefined {
  const { operation, outputLimits } = exchange.dialect
  if (withoutOutput.has(operation)) return 0
  if (outputLimits === undefined) return undefined
  let most: number | undefined
  for (const path of outputLimits.tokens) {
    const said = numberAt(exchange, outputLimits, path)
    if (said !== undefined && (most === undefined || said > most)) most = said
  }
  return most === undefined ? undefined : most * choicesOf(exchange)
}

/** How many answers are wanted: one at the least, whatever is said. */
export function choicesOf(exchange: Exchange): number {
  const { outputLimits } = exchange.dialect
  const said = outputLimits?.choices === undefined ? undefined : numberAt(exchange, outputLimits, outputLimits.choices)
  return Math.max(1, said ?? 1)
}

/** Positive, and not too large to be multiplied. Parsed only where it has to be: of a long request that takes longer than all else that is done for it. */
function numberAt(exchange: Exchange, limits: OutputLimits, path: string): number | undefined {
  const { body, peek } = exchange
  const peekAt = peek.plain ? limits.peek : undefined
  return positive(peekAt === undefined ? at(factsOf(exchange).params, path) : peekAt(body, peek, path))
}

function at(value: unknown, path: string): unknown {
  let member = value
  for (const name of path.split('.'))
    member = typeof member === 'object' && member !== null ? (member as Record<string, unknown>)[name] : undefined
  return member
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? Math.min(value, Number.MAX_SAFE_INTEGER) : undefined
}
