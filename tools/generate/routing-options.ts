import type { OptionRow } from './option-row.ts'

/** What the options of `routes` and `routing` mean. */
export const routingOptions: Readonly<Record<string, OptionRow>> = {
  routes: {
    type: 'group by name',
    default: '{}',
    meaning: 'Names that stand for several models, and how to choose among them: [routing](routing.md).',
  },
  'routes.<id>.strategy': {
    type: 'name of a [strategy](routing.md#strategies), or `{ name, … }` with its options',
    default: 'first-available',
    meaning: 'How one of the targets is chosen.',
  },
  'routes.<id>.targets': {
    type: 'list of names of models or routes, or of `{ model, weight, priority, when, max_concurrent }`',
    default: '',
    meaning:
      'Required. `weight` is the share of the traffic (1), the lower `priority` goes first (0), `when` is an [expression](routing.md#conditions) that a request must fulfil, `max_concurrent` how many calls may be under way there.',
  },
  'routes.<id>.retries': {
    type: 'whole number',
    default: "the provider's `max_retries`",
    meaning: 'How often a target is asked again once there is no other.',
  },
  'routes.<id>.timeout': {
    type: 'seconds',
    default: '0',
    meaning: 'For all attempts together until an answer begins; `0` means no limit.',
  },
  'routes.<id>.on_error': {
    type: '`retry`, `next` or `fail`, by [error code](errors.md) or category',
    default: 'by the kind of error',
    meaning: 'Ask the same target again, go to the next, or tell the caller.',
  },
  'routes.<id>.fallbacks': { type: 'group', default: '{}', meaning: 'What takes over after a failure of one kind.' },
  'routes.<id>.fallbacks.context_window': {
    type: 'name, or list of names',
    default: '',
    meaning: 'When the request is too long for the model.',
  },
  'routes.<id>.fallbacks.content_policy': {
    type: 'name, or list of names',
    default: '',
    meaning: 'When the provider refuses the content.',
  },
  'routes.<id>.fallbacks.empty_answer': {
    type: 'name, or list of names',
    default: '',
    meaning: 'When the model says nothing.',
  },
  'routes.<id>.fallbacks.invalid_output': {
    type: 'name, or list of names',
    default: '',
    meaning: 'When the answer does not fit the JSON schema that was asked for.',
  },
  'routes.<id>.hedge': {
    type: 'true or false, or `{ delay, max_extra }`',
    default: 'false',
    meaning:
      'Ask a second target when the first has not begun to answer after `delay` milliseconds (what 95 of 100 took, if not given), for at most `max_extra` of all requests (0.05).',
  },
  'routes.<id>.continuation': {
    type: 'true or false',
    default: 'false',
    meaning: 'Go on at another target when a stream of plain text breaks off.',
  },
  routing: { type: 'group', default: '{}', meaning: 'What holds for all routes together.' },
  'routing.retry_share': {
    type: 'number',
    default: '0.2',
    meaning: 'Calls repeated at the same target for each request, on average, at most.',
  },
  'routing.retry_reserve': {
    type: 'number',
    default: '20',
    meaning: 'Calls that may be repeated in a minute however little traffic there is.',
  },
  'routing.breaker': {
    type: 'group',
    default: '{}',
    meaning: 'When a target is taken for broken and left alone: [circuit breaker](routing.md#circuit-breaker).',
  },
  'routing.breaker.enabled': { type: 'true or false', default: 'true', meaning: '`false`: nothing ever is.' },
  'routing.breaker.window': { type: 'seconds', default: '30', meaning: 'Calls that ended within it count.' },
  'routing.breaker.minimum_calls': {
    type: 'whole number',
    default: '10',
    meaning: 'Rates say nothing of fewer calls.',
  },
  'routing.breaker.failure_rate': {
    type: '0 to 1',
    default: '0.5',
    meaning: 'Share of failed calls that is too much.',
  },
  'routing.breaker.consecutive_failures': {
    type: 'whole number',
    default: '5',
    meaning: 'So many failures in a row are too many, whatever the rate.',
  },
  'routing.breaker.slow_call': {
    type: 'seconds',
    default: '0',
    meaning: 'An answer that begins later is slow; `0`: none is.',
  },
  'routing.breaker.slow_rate': { type: '0 to 1', default: '0.5', meaning: 'Share of slow calls that is too much.' },
  'routing.breaker.open_for': {
    type: 'seconds',
    default: '5',
    meaning: 'Until one call may try it again; doubled each time that this one fails too.',
  },
  'routing.breaker.longest_open': { type: 'seconds', default: '60', meaning: 'At most so long.' },
  'routing.degradation': {
    type: 'group',
    default: '{}',
    meaning: 'When a target is said to be worse than it usually is: [health](health.md#degradation).',
  },
  'routing.degradation.enabled': { type: 'true or false', default: 'true', meaning: '`false`: none ever is.' },
  'routing.degradation.factor': { type: 'number', default: '2', meaning: 'So many times what is usual is too much.' },
  'routing.degradation.recovery': {
    type: 'number',
    default: '1.3',
    meaning: 'At so many times what is usual it is well again; less than `factor`.',
  },
  'routing.degradation.samples': {
    type: 'whole number',
    default: '5',
    meaning: 'So many calls in a row must show that it is slower, or well again.',
  },
  'routing.degradation.minimum_calls': {
    type: 'whole number',
    default: '20',
    meaning: 'Of fewer calls nothing is called usual.',
  },
  'routing.degradation.memory': { type: 'seconds', default: '3600', meaning: 'Over which the usual is learned.' },
  health: {
    type: 'group',
    default: '{}',
    meaning: 'What the gateway asks providers besides its traffic: [health](health.md#probes).',
  },
  'health.probe_interval': {
    type: 'seconds',
    default: '30',
    meaning: 'How often a provider with an open circuit is asked for something free; `0`: never.',
  },
  'health.probe_idle': {
    type: 'true or false',
    default: 'false',
    meaning: 'Ask those too that a route names and nobody called since the last time.',
  },
  alerts: {
    type: 'list of groups',
    default: '[]',
    meaning: 'Who is told when something is wrong, and when it is well again: [alerts](health.md#alerts).',
  },
  'alerts[].url': { type: 'http or https URL', default: '', meaning: 'Required. It is kept secret.' },
  'alerts[].format': { type: '`json` or `slack`', default: 'json', meaning: 'What is posted there.' },
  'alerts[].events': {
    type: 'list of `provider.unhealthy`, `provider.degraded`, `target.circuit_opened`, `ledger.failing`, `ledger.full`, `limits.store_lost`, `budget.threshold`, `budget.exceeded`',
    default:
      '[provider.unhealthy, provider.degraded, ledger.failing, ledger.full, limits.store_lost, budget.threshold, budget.exceeded]',
    meaning: 'What it is told of. Recovery is told of each.',
  },
  'alerts[].min_interval': {
    type: 'seconds',
    default: '300',
    meaning: 'Until the same is told of the same again.',
  },
  'routing.queue': { type: 'group', default: '{}', meaning: 'For requests that wait for a place at a target.' },
  'routing.queue.size': { type: 'whole number', default: '100', meaning: 'So many may wait for each target.' },
  'routing.queue.timeout': { type: 'seconds', default: '10', meaning: 'So long may each of them wait.' },
}
