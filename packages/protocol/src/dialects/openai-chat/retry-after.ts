/**
 * How long a provider asks to wait, in milliseconds: `retry-after-ms`, `retry-after` in seconds or as an HTTP
 * date (counted from the answer's own `date`, there being no clock here), a duration named in the body, or the
 * text "Please try again in 1.2s". Negative values do not count.
 */
export function readRetryAfter(
  header: (name: string) => string | undefined,
  retryDelay: string | undefined,
  message: string | undefined,
): number | undefined {
  return (
    number(header('retry-after-ms'), 1) ??
    number(header('retry-after'), 1000) ??
    untilDate(header('retry-after'), header('date')) ??
    duration(retryDelay) ??
    duration(message === undefined ? undefined : askedWait.exec(message)?.[1])
  )
}

/**
 * How long until a limit that is used up is there again, in milliseconds, by the headers that name all limits: OpenAI's
 * `x-ratelimit-reset-requests: 6m0s`, which others have with seconds alone, and Anthropic's
 * `anthropic-ratelimit-requests-reset` with a time.
 */
export function readReset(header: (name: string) => string | undefined): number | undefined {
  let longest: number | undefined
  for (const kind of limitedKinds) {
    let wait: number | undefined
    if (header(`x-ratelimit-remaining-${kind}`)?.trim() === '0') {
      const reset = header(`x-ratelimit-reset-${kind}`)
      wait = number(reset, 1000) ?? duration(reset)
    } else if (header(`anthropic-ratelimit-${kind}-remaining`)?.trim() === '0') {
      wait = untilDate(header(`anthropic-ratelimit-${kind}-reset`), header('date'))
    }
    if (wait !== undefined && (longest === undefined || wait > longest)) longest = wait
  }
  return longest
}

const limitedKinds: readonly string[] = ['requests', 'tokens', 'input-tokens', 'output-tokens']

const askedWait = /(?:try again|retry) (?:in|after) ((?:[\d.]+\s?(?:ms|h|m|s)[a-z]*\s?)+)/i

function number(text: string | undefined, scale: number): number | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const value = Number(text)
  return Number.isFinite(value) && value >= 0 ? Math.ceil(value * scale) : undefined
}

function untilDate(text: string | undefined, now: string | undefined): number | undefined {
  if (text === undefined || now === undefined) return undefined
  const wait = Date.parse(text) - Date.parse(now)
  return Number.isFinite(wait) && wait >= 0 ? wait : undefined
}

const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** A Go-like duration: `6m0s`, `1.2s`, `20ms`. */
function duration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  let total: number | undefined
  for (const [, amount, unit] of text.matchAll(/([\d.]+)\s?(ms|h|m|s)/gi)) {
    const value = Number(amount) * (milliseconds[unit?.toLowerCase() ?? ''] ?? Number.NaN)
    if (Number.isFinite(value)) total = (total ?? 0) + value
  }
  return total === undefined ? undefined : Math.ceil(total)
}
