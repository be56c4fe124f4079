import type { Exchange } from 'sluice'
import type { Call } from '../server/call.ts'
import { describeAttempt } from './trace-book.ts'

/** Proxies refuse answers whose headers are larger than 8 KiB in all. */
const most = 4096
const longestMessage = 160

/** Whether a request asks how it went its way. */
export function wantsTrace(call: Call): boolean {
  return call.request.headers['x-sluice-trace'] === 'true'
}

/** Name and value of the header that tells it, as JSON in ASCII; `undefined` where nobody asked. */
export function traceHeader(call: Call, exchange: Exchange): readonly [string, string] | undefined {
  return wantsTrace(call) ? ['x-sluice-trace', describe(exchange)] : undefined
}

/** The last steps, where all do not fit. */
function describe({ decisions = [], attempts, startedAt }: Exchange): string {
  const steps = attempts.map((attempt) => {
    const { target, outcome, error, started_ms, took_ms, plan } = describeAttempt(attempt, startedAt)
    const failure = error && { code: error.code, message: error.message.slice(0, longestMessage) }
    return { target, outcome, started_ms, took_ms, plan, ...(failure !== undefined && { error: failure }) }
  })
  for (let kept = Math.max(decisions.length, steps.length); kept > 0; kept--) {
    const shown = { decisions: decisions.slice(-kept), attempts: steps.slice(-kept) }
    const left = decisions.length > kept || steps.length > kept
    const text = ascii(JSON.stringify(left ? { ...shown, truncated: true } : shown))
    if (text.length <= most) return text
  }
  return ascii(JSON.stringify({ attempts: steps.slice(-1), truncated: true })).slice(0, most)
}

function ascii(json: string): string {
  return json.replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
