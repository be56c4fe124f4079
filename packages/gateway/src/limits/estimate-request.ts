import type { Exchange } from 'sluice'

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
  const { characters, files } = measure(exchange.facts.params)
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
export function outputLimit({ dialect, facts }: Exchange): number | undefined {
  if (withoutOutput.has(dialect.operation)) return 0
  const { outputLimits } = dialect
  if (outputLimits === undefined) return undefined
  const { params } = facts
  const said = outputLimits.tokens.flatMap((path) => positive(at(params, path)) ?? [])
  if (said.length === 0) return undefined
  const choices = outputLimits.choices === undefined ? undefined : positive(at(params, outputLimits.choices))
  return Math.max(...said) * (choices ?? 1)
}

/** How many answers are wanted. */
export function choicesOf({ dialect, facts }: Exchange): number {
  const path = dialect.outputLimits?.choices
  return path === undefined ? 1 : (positive(at(facts.params, path)) ?? 1)
}

function at(value: unknown, path: string): unknown {
  let member = value
  for (const name of path.split('.'))
    member = typeof member === 'object' && member !== null ? (member as Record<string, unknown>)[name] : undefined
  return member
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : undefined
}
