import { type SecondsFigures, secondsBounds, type SeriesFigures } from './series.ts'
import type { ProcessState, ProcessTotals } from './process-view.ts'

/** What a scrape shows. */
export interface GatewayFigures {
  readonly state: ProcessState
  readonly totals: ProcessTotals
  readonly version: string
}

type Labels = Readonly<Record<string, string>>

/**
 * The text format, version 0.0.4.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8'

export function renderPrometheus({ state, totals, version }: GatewayFigures): string {
  const page = new Page()
  const { series, cacheOutcomes } = totals
  const { ledger, targets } = state
  page.family('sluice_calls_total', 'counter', 'Calls to providers that ended, by outcome.')
  for (const one of series) {
    page.sample('sluice_calls_total', { ...labelsOf(one), outcome: 'ok' }, one.ok)
    page.sample('sluice_calls_total', { ...labelsOf(one), outcome: 'failed' }, failuresOf(one))
    page.sample('sluice_calls_total', { ...labelsOf(one), outcome: 'aborted' }, one.aborted)
  }
  page.family('sluice_failures_total', 'counter', 'Calls that failed, by error code.')
  for (const one of series)
    for (const [code, count] of one.failures) page.sample('sluice_failures_total', { ...labelsOf(one), code }, count)
  page.family('sluice_tokens_total', 'counter', 'Tokens used, by class; no token is in two of them.')
  for (const one of series)
    for (const [type, count] of Object.entries(one.tokens))
      page.sample('sluice_tokens_total', { ...labelsOf(one), class: type }, count)
  page.family('sluice_cost_dollars_total', 'counter', 'Cost of calls whose price is known, in USD.')
  for (const one of series) page.sample('sluice_cost_dollars_total', labelsOf(one), one.nanoDollars / 1e9)
  page.family('sluice_unpriced_calls_total', 'counter', 'Calls with usage whose price is not known.')
  for (const one of series) page.sample('sluice_unpriced_calls_total', labelsOf(one), one.unpriced)
  page.family('sluice_time_to_first_token_seconds', 'histogram', 'Until the first meaningful byte of good answers.')
  for (const one of series) page.histogram('sluice_time_to_first_token_seconds', labelsOf(one), one.firstByte)
  page.family('sluice_call_duration_seconds', 'histogram', 'Until the end of good answers.')
  for (const one of series) page.histogram('sluice_call_duration_seconds', labelsOf(one), one.duration)

  if (cacheOutcomes !== undefined) {
    page.family('sluice_cache_requests_total', 'counter', 'Requests that met the cache, by what came of it.')
    for (const [outcome, count] of cacheOutcomes) page.sample('sluice_cache_requests_total', { outcome }, count)
  }

  if (ledger !== undefined) {
    const { journal_bytes: bytes, waiting } = ledger
    page.family('sluice_ledger_journal_bytes', 'gauge', 'What is written down and not in the database yet.')
    page.sample('sluice_ledger_journal_bytes', {}, bytes)
    page.family('sluice_ledger_waiting_records', 'gauge', 'Records of requests that are not in the database yet.')
    page.sample('sluice_ledger_waiting_records', {}, waiting)
    page.family(
      'sluice_ledger_missing_records_total',
      'counter',
      'Records that had to make room, could not be written, or lie aside since the database refuses them.',
    )
    page.sample('sluice_ledger_missing_records_total', { reason: 'dropped' }, totals.dropped)
    page.sample('sluice_ledger_missing_records_total', { reason: 'lost' }, totals.lost)
    page.sample('sluice_ledger_missing_records_total', { reason: 'aside' }, totals.aside)
  }

  page.family('sluice_target_active_calls', 'gauge', 'Calls under way at a target.')
  for (const { id, active } of targets) page.sample('sluice_target_active_calls', { target: id }, active)
  page.family(
    'sluice_target_available',
    'gauge',
    'Whether a target may be called: its circuit, its limit, its own wish.',
  )
  for (const { id, available } of targets) page.sample('sluice_target_available', { target: id }, available ? 1 : 0)

  page.family('sluice_target_degraded', 'gauge', 'Whether a target is worse than it usually is.')
  for (const { id, degraded } of targets)
    page.sample('sluice_target_degraded', { target: id }, degraded.length > 0 ? 1 : 0)
  page.family('sluice_circuit_open_total', 'counter', "Times that a target's circuit opened, also again after a try.")
  for (const { id } of targets) page.sample('sluice_circuit_open_total', { target: id }, totals.opened.get(id) ?? 0)

  page.family('sluice_open_requests', 'gauge', 'Requests that are being answered.')
  page.sample('sluice_open_requests', {}, state.open)
  page.family('process_resident_memory_bytes', 'gauge', 'Resident memory.')
  page.sample('process_resident_memory_bytes', {}, state.residentMemory)
  page.family('process_cpu_seconds_total', 'counter', 'Processor time, user and system.')
  page.sample('process_cpu_seconds_total', {}, totals.processorSeconds)
  page.family('sluice_uptime_seconds', 'gauge', 'Since the start.')
  page.sample('sluice_uptime_seconds', {}, state.uptime)
  page.family('sluice_info', 'gauge', 'Always 1; the version is a label.')
  page.sample('sluice_info', { version }, 1)
  return page.text
}

function failuresOf({ failures }: SeriesFigures): number {
  let sum = 0
  for (const count of failures.values()) sum += count
  return sum
}

function labelsOf({ provider, model, operation }: SeriesFigures): Labels {
  return { provider, model, operation }
}

class Page {
  text = ''

  family(name: string, type: 'counter' | 'gauge' | 'histogram', help: string): void {
    this.text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
  }

  sample(name: string, labels: Labels, value: number): void {
    const inner = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`)
    this.text += `${name}${inner.length === 0 ? '' : `{${inner.join(',')}}`} ${value}\n`
  }

  histogram(name: string, labels: Labels, { counts, sum }: SecondsFigures): void {
    let cumulative = 0
    counts.forEach((count, index) => {
      cumulative += count
      const bound = secondsBounds[index]
      this.sample(`${name}_bucket`, { ...labels, le: bound === undefined ? '+Inf' : String(bound) }, cumulative)
    })
    this.sample(`${name}_sum`, labels, sum)
    this.sample(`${name}_count`, labels, cumulative)
  }
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
