import * as z from 'zod/mini'
import { Secret } from '../provider-kit/secret.ts'
import type { AlertConfig, AlertEvent, HealthConfig } from './config.ts'
import { boolean, seconds, type Shape, text } from './scalars.ts'

/** `health:`; times in seconds. */
export interface HealthSettings {
  /** Between two questions to a provider with an open circuit; 0: none. Default 30. */
  readonly probe_interval?: number | undefined
  /** Ask providers of routes without traffic too. Default `false`. */
  readonly probe_idle?: boolean | undefined
}

/** An entry of `alerts:`. */
export interface AlertSettings {
  readonly url: string
  readonly format?: 'json' | 'slack' | undefined
  readonly events?: readonly AlertEvent[] | undefined
  /** Seconds. */
  readonly min_interval?: number | undefined
}

const alertEvents = [
  'provider.unhealthy',
  'provider.degraded',
  'target.circuit_opened',
  'ledger.failing',
  'ledger.full',
  'limits.store_lost',
  'budget.threshold',
  'budget.exceeded',
] as const satisfies readonly AlertEvent[]

export const healthSchema = (): z.ZodMiniType<HealthSettings> =>
  z.strictObject({
    probe_interval: z.optional(seconds),
    probe_idle: z.optional(boolean),
  } satisfies Shape<HealthSettings>)

export const alertsSchema = (): z.ZodMiniType<readonly AlertSettings[]> =>
  z.array(
    z.strictObject({
      url: text.check(
        z.refine((url) => /^https?:$/.test(URL.parse(url)?.protocol ?? ''), 'expected an http or https URL'),
      ),
      format: z.optional(z.enum(['json', 'slack'])),
      events: z.optional(z.array(z.enum(alertEvents))),
      min_interval: z.optional(seconds),
    } satisfies Shape<AlertSettings>),
  )

export function buildHealth(settings: HealthSettings | null | undefined): HealthConfig {
  const { probe_interval: probeInterval = 30, probe_idle: probeIdle = false } = settings ?? {}
  return Object.freeze({ probeInterval: probeInterval * 1000, probeIdle })
}

export function buildAlerts(settings: readonly AlertSettings[] | null | undefined): readonly AlertConfig[] {
  return Object.freeze(
    (settings ?? []).map(({ url, format = 'json', events = usualEvents, min_interval: minInterval = 300 }) =>
      Object.freeze({ url: new Secret(url), format, events, minInterval: minInterval * 1000 }),
    ),
  )
}

const usualEvents: readonly AlertEvent[] = [
  'provider.unhealthy',
  'provider.degraded',
  'ledger.failing',
  'ledger.full',
  'limits.store_lost',
  'budget.threshold',
  'budget.exceeded',
]
