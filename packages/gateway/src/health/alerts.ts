import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { AlertConfig } from 'sluice'
import { AlertPolicy } from './alert-policy.ts'
import type { HealthEvent, HealthEventType } from './health-watch.ts'

/** Tells those who asked for it, beside all requests. */
export interface Alerts {
  hear(event: HealthEvent): void
  /** Gives up what is under way. */
  close(): void
}

export interface AlertParts {
  readonly logger: Logger
  /** On the clock of `performance.now`. */
  readonly now: () => number
  /** Milliseconds before each further try. Default 1, 2 and 4 seconds. */
  readonly rests?: readonly number[]
}

const mostWaiting = 100
const deliveryTimeout = 10_000
const usualRests = [1_000, 2_000, 4_000]
/** Milliseconds between looks at what may be told by now. */
const lookInterval = 1_000

export function createAlerts(configs: readonly AlertConfig[], parts: AlertParts): Alerts {
  const webhooks = configs.map((config, index) => createWebhook(config, index, parts))
  return {
    hear(event) {
      for (const webhook of webhooks) webhook.hear(event)
    },
    close() {
      for (const webhook of webhooks) webhook.close()
    },
  }
}

function createWebhook(config: AlertConfig, index: number, parts: AlertParts): Alerts {
  const { logger, now, rests = usualRests } = parts
  const policy = new AlertPolicy(config)
  const queue: HealthEvent[] = []
  const closing = new AbortController()
  let delivering = false
  let timer: NodeJS.Timeout | undefined

  function enqueue(event: HealthEvent): void {
    if (queue.length >= mostWaiting) {
      queue.shift()
      logger.warn({ alert: index }, 'Too many notices wait for a webhook; the oldest is dropped.')
    }
    queue.push(event)
    if (!delivering) void deliverAll()
  }

  async function deliverAll(): Promise<void> {
    delivering = true
    for (let event = queue.shift(); event !== undefined && !closing.signal.aborted; event = queue.shift())
      await deliver(event)
    delivering = false
  }

  async function deliver(event: HealthEvent): Promise<void> {
    let outcome: number | string = ''
    for (const rest of [0, ...rests]) {
      try {
        if (rest > 0) await wait(rest, undefined, { ref: false, signal: closing.signal })
        outcome = await post(config, event, closing.signal)
      } catch (error) {
        outcome = failureName(error)
      }
      if (closing.signal.aborted || (typeof outcome === 'number' && outcome < 300)) return
      if (typeof outcome === 'number' && outcome < 500 && outcome !== 408 && outcome !== 429) break
    }
    // Neither the address nor the error's own words: both may tell a token.
    logger.warn({ alert: index, type: event.type, subject: event.subject, outcome }, 'A notice could not be delivered.')
  }

  function lookLater(): void {
    if (timer !== undefined || !policy.waits) return
    timer = setTimeout(() => {
      timer = undefined
      for (const event of policy.due(now())) enqueue(event)
      lookLater()
    }, lookInterval)
    timer.unref()
  }

  return {
    hear(event) {
      if (closing.signal.aborted) return
      if (policy.hear(event, now())) enqueue(event)
      lookLater()
    },
    close() {
      closing.abort()
      clearTimeout(timer)
    },
  }
}

/** The answer's status. */
async function post({ url, format }: AlertConfig, event: HealthEvent, closing: AbortSignal): Promise<number> {
  const response = await fetch(url.reveal(), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(format === 'slack' ? { text: slackText(event) } : event),
    redirect: 'manual',
    signal: AbortSignal.any([closing, AbortSignal.timeout(deliveryTimeout)]),
  })
  await response.body?.cancel()
  return response.status
}

/** `ECONNREFUSED`, `TimeoutError`. */
function failureName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { cause } = error
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.name
}

const marks: Readonly<Record<HealthEventType, string>> = {
  'provider.unhealthy': ':red_circle: *%* is unhealthy',
  'provider.degraded': ':large_yellow_circle: *%* is degraded',
  'provider.recovered': ':large_green_circle: *%* recovered',
  'target.circuit_opened': ':red_circle: The circuit of *%* opened',
  'target.circuit_closed': ':large_green_circle: The circuit of *%* closed',
  'ledger.failing': ':red_circle: The *%* cannot be written as it should',
  'ledger.full': ':red_circle: The *%* has no more room',
  'ledger.recovered': ':large_green_circle: The *%* is written again',
  'limits.store_lost': ':red_circle: The shared counters (*%*) are lost',
  'limits.store_back': ':large_green_circle: The shared counters (*%*) are back',
  'budget.threshold': ':large_yellow_circle: The budget *%* goes down',
  'budget.exceeded': ':red_circle: The budget *%* is used up',
}

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
function slackText({ type, subject, reason }: HealthEvent): string {
  const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return `${marks[type].replace('%', () => escape(subject))}: ${escape(reason)}`
}
