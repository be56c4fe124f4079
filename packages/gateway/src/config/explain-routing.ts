import type { Config } from 'sluice'
import type { Setting } from './explain-rules.ts'

/** What a configuration says of how targets are chosen, watched and named, a line for each. */
export function explainRouting({ routing, health, selectors, moderation, strict }: Config): readonly Setting[] {
  const { retryShare, retryReserve, breaker, degradation, queue } = routing
  return [
    ['routing.retry_share', retryShare],
    ['routing.retry_reserve', retryReserve],
    ['routing.breaker.enabled', breaker !== undefined],
    ...(breaker === undefined
      ? []
      : ([
          ['routing.breaker.window', breaker.window / 1000],
          ['routing.breaker.minimum_calls', breaker.minimumCalls],
          ['routing.breaker.failure_rate', breaker.failureRate],
          ['routing.breaker.consecutive_failures', breaker.consecutiveFailures],
          ['routing.breaker.slow_call', breaker.slowCall / 1000],
          ['routing.breaker.slow_rate', breaker.slowRate],
          ['routing.breaker.open_for', breaker.openFor / 1000],
          ['routing.breaker.longest_open', breaker.longestOpen / 1000],
        ] as const)),
    ['routing.degradation.enabled', degradation !== undefined],
    ...(degradation === undefined
      ? []
      : ([
          ['routing.degradation.factor', degradation.factor],
          ['routing.degradation.recovery', degradation.recovery],
          ['routing.degradation.samples', degradation.samples],
          ['routing.degradation.minimum_calls', degradation.minimumCalls],
          ['routing.degradation.memory', degradation.memory / 1000],
        ] as const)),
    ['routing.queue.size', queue.queue],
    ['routing.queue.timeout', queue.patience / 1000],
    ['health.probe_interval', health.probeInterval / 1000],
    ['health.probe_idle', health.probeIdle],
    ...Array.from(selectors, ([name, models]): Setting => [pathOfSelector(name), models.join(', ')]),
    ['moderation.model', moderation?.model],
    ['moderation.categories', moderation && Object.keys(moderation.categories).join(', ')],
    ['strict', strict],
  ]
}

/** `tier:fast` → `tiers.fast` */
function pathOfSelector(name: string): string {
  const [kind, ...rest] = name.split(':')
  return `${kind}s.${rest.join(':')}`
}
