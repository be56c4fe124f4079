import { type ErrorCategory, errorCodes } from '@sluice/protocol'
import * as z from 'zod/mini'
import type { ErrorAction } from '../routing/route-policy.ts'
import { boolean, decimal, integer, seconds, type Shape, text } from './scalars.ts'

/** An entry of `routes:`: a name that stands for several targets. */
export interface RouteSettings {
  /** `first-available` (the default), `weighted`, … or an object with a `name` and the strategy's own options. */
  readonly strategy?: string | (Readonly<Record<string, unknown>> & { readonly name: string }) | undefined
  /** Names of models or of other routes, in order of preference where the strategy knows one. */
  readonly targets: readonly (string | RouteTargetSettings)[]
  /** How often a target is asked again; default that of its provider. */
  readonly retries?: number | undefined
  /** Seconds for all attempts together until an answer begins; 0 for no limit, the default. */
  readonly timeout?: number | undefined
  /** By error code or category: `retry`, `next` or `fail`. */
  readonly on_error?: Readonly<Record<string, ErrorAction>> | undefined
  readonly fallbacks?: RouteFallbackSettings | undefined
  readonly hedge?: HedgeSettings | boolean | undefined
  /** Go on at another target when a stream of plain text breaks off. Default `false`. */
  readonly continuation?: boolean | undefined
}

export interface RouteTargetSettings {
  readonly model: string
  /** Share of the traffic relative to the others'; default 1. */
  readonly weight?: number | undefined
  /** Lower goes first; default 0. */
  readonly priority?: number | undefined
  /** An expression that a request must fulfil. */
  readonly when?: string | undefined
  /** Calls that may be under way at it; others wait or go elsewhere. */
  readonly max_concurrent?: number | undefined
}

/** For failures of one kind: the models or routes that take over. */
export interface RouteFallbackSettings {
  readonly context_window?: string | readonly string[] | undefined
  readonly content_policy?: string | readonly string[] | undefined
  readonly empty_answer?: string | readonly string[] | undefined
  readonly invalid_output?: string | readonly string[] | undefined
}

export interface HedgeSettings {
  /** Milliseconds after which a second target is asked too; default the 95th percentile that was seen. */
  readonly delay?: number | undefined
  /** Most hedged calls, as a share of all; default 0.05. */
  readonly max_extra?: number | undefined
}

/** `routing:`: what holds for all routes together. */
export interface RoutingSettings {
  /** Repeated calls for each request, on average, at most; default 0.2. */
  readonly retry_share?: number | undefined
  /** Calls that may be repeated in a minute however little traffic there is; default 20. */
  readonly retry_reserve?: number | undefined
  /** When a target is taken for broken. */
  readonly breaker?: BreakerSettings | undefined
  readonly degradation?: DegradationSettings | undefined
  readonly queue?: QueueSettings | undefined
}

/** Times in seconds. */
export interface BreakerSettings {
  /** Default `true`. */
  readonly enabled?: boolean | undefined
  readonly window?: number | undefined
  readonly minimum_calls?: number | undefined
  readonly failure_rate?: number | undefined
  readonly consecutive_failures?: number | undefined
  readonly slow_call?: number | undefined
  readonly slow_rate?: number | undefined
  readonly open_for?: number | undefined
  readonly longest_open?: number | undefined
}

/** When a target is said to be worse than it usually is. */
export interface DegradationSettings {
  /** Default `true`. */
  readonly enabled?: boolean | undefined
  /** Times what is usual. */
  readonly factor?: number | undefined
  readonly recovery?: number | undefined
  readonly samples?: number | undefined
  readonly minimum_calls?: number | undefined
  /** Seconds. */
  readonly memory?: number | undefined
}

/** For requests that wait for a place at a target. */
export interface QueueSettings {
  readonly size?: number | undefined
  /** Seconds. */
  readonly timeout?: number | undefined
}

const names = () => z.union([text, z.array(text).check(z.minLength(1))])
const action = () => z.enum(['retry', 'next', 'fail'])

const categories = new Set<ErrorCategory>(Object.values(errorCodes).map(({ category }) => category))
const errorName = () =>
  z
    .string()
    .check(
      z.refine(
        (name) => Object.hasOwn(errorCodes, name) || categories.has(name as ErrorCategory),
        'names no error code',
      ),
    )

const targetSchema = () =>
  z.strictObject({
    model: text,
    weight: z.optional(decimal(0.000_001)),
    priority: z.optional(integer(0)),
    when: z.optional(text),
    max_concurrent: z.optional(integer(1)),
  } satisfies Shape<RouteTargetSettings>)

const fallbackSchema = () =>
  z.strictObject({
    context_window: z.optional(names()),
    content_policy: z.optional(names()),
    empty_answer: z.optional(names()),
    invalid_output: z.optional(names()),
  } satisfies Shape<RouteFallbackSettings>)

const hedgeSchema = () =>
  z.strictObject({
    delay: z.optional(decimal(0)),
    max_extra: z.optional(decimal(0, 1)),
  } satisfies Shape<HedgeSettings>)

export const routeSchema = (): z.ZodMiniType<RouteSettings> =>
  z.strictObject({
    strategy: z.optional(z.union([text, z.looseObject({ name: text })])),
    targets: z.array(z.union([text, targetSchema()])).check(z.minLength(1)),
    retries: z.optional(integer(0, 100)),
    timeout: z.optional(seconds),
    on_error: z.optional(z.record(errorName(), action())),
    fallbacks: z.optional(fallbackSchema()),
    hedge: z.optional(z.union([boolean, hedgeSchema()])),
    continuation: z.optional(boolean),
  } satisfies Shape<RouteSettings>)

const breakerSchema = () =>
  z.strictObject({
    enabled: z.optional(boolean),
    window: z.optional(seconds),
    minimum_calls: z.optional(integer(1)),
    failure_rate: z.optional(decimal(0, 1)),
    consecutive_failures: z.optional(integer(1)),
    slow_call: z.optional(seconds),
    slow_rate: z.optional(decimal(0, 1)),
    open_for: z.optional(seconds),
    longest_open: z.optional(seconds),
  } satisfies Shape<BreakerSettings>)

const degradationSchema = () =>
  z
    .strictObject({
      enabled: z.optional(boolean),
      factor: z.optional(decimal(1.1)),
      recovery: z.optional(decimal(1)),
      samples: z.optional(integer(1)),
      minimum_calls: z.optional(integer(1)),
      memory: z.optional(seconds),
    } satisfies Shape<DegradationSettings>)
    .check(z.refine(({ factor = 2, recovery = 1.3 }) => recovery < factor, 'recovery must be less than factor'))

const queueSchema = () =>
  z.strictObject({
    size: z.optional(integer(0)),
    timeout: z.optional(seconds),
  } satisfies Shape<QueueSettings>)

export const routingSchema = (): z.ZodMiniType<RoutingSettings> =>
  z.strictObject({
    retry_share: z.optional(decimal(0, 10)),
    retry_reserve: z.optional(decimal(0)),
    breaker: z.optional(breakerSchema()),
    degradation: z.optional(degradationSchema()),
    queue: z.optional(queueSchema()),
  } satisfies Shape<RoutingSettings>)
