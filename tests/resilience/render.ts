import { callers } from './callers.ts'
import type { Setup } from './cases.ts'
import type { Observation } from './world.ts'

/** The page of the documentation: what was seen when all cases were run. */
export function renderPage(observations: readonly Observation[]): string {
  const rows = [...Map.groupBy(observations, titleOf)].map(([title, own]) => renderRow(title, own))
  return [introduction(observations.length), head, ...rows, '', notes, ''].join('\n')
}

function introduction(count: number): string {
  const ids = callers.map(({ id }) => `\`${id}\``).join(', ')
  return `# What callers see when a provider fails

<!-- Written by \`npm run docs:resilience\`, from what happened when every case was run. Do not edit. -->

Each fault was put before callers of ${ids}, streaming and not,
with a provider that speaks the caller's dialect and with one that speaks another: ${count} cases, which \`npm test\` runs and holds against rules. All kinds of callers see the same, in
their own dialect's words.

- **One target** fails each time; its provider has \`max_retries: 1\`. What the caller sees, and how many calls were made.
- **Fails once**: the same, but the second call is answered.
- **Route**: a second target is well. Calls at the first and at the second.
- **Fallback**: the route names another model for this kind of failure, in its \`fallbacks\`.
- **Metered**: there is exactly one usage record for each request, with this outcome: for one target; for the route.
`
}

const head = `| fault | one target | calls | fails once | route | fallback | metered |
|---|---|---|---|---|---|---|`

const notes = `A stream of which something was said is not asked for again: the caller keeps what it has, and an error event in its own
dialect follows, so that it never looks finished. Before the first words nothing is sent, not even a head, and a failure is
like any other.

Callers of OpenAI's dialects hear OpenAI's own words where there are any: \`model_not_found\`, \`request_too_large\`.

What \`fallbacks\` are for is in [routing](routing.md#typed-fallbacks), what each code means in [errors](errors.md).`

/** The points in a stream count by what the caller had heard. */
function titleOf({ case: { rule, stage, caller, spoken } }: Observation): string {
  if (rule.after === undefined) return rule.name
  if (rule.garbled === true) {
    if (caller === spoken) return `${rule.name} in a stream that is relayed as it is`
    return `${rule.name} in a stream that is translated, ${stage === 'amid' ? 'after' : 'before'} the first words`
  }
  const where = { before: 'before the first words', amid: 'after the first words', never: 'after the last words' }
  return `${rule.name} in a stream, ${where[stage]}`
}

function renderRow(title: string, observations: readonly Observation[]): string {
  const by = (setup: Setup): readonly Observation[] => observations.filter(({ case: one }) => one.setup === setup)
  const cells = [
    title,
    each(by('alone'), told),
    each(by('alone'), ({ calls }) => String(calls)),
    observations[0]?.case.rule.fault === 'refuse' ? '–' : each(by('once'), told),
    each(by('route'), (one) => `${told(one)}; ${one.calls} + ${one.spareCalls}`),
    each(by('fallback'), (one) => `${told(one)}; ${one.calls} + ${one.spareCalls}`) || '–',
    each(by('alone'), metered) + '; ' + each(by('route'), metered),
  ]
  return `| ${cells.join(' | ')} |`
}

function each(observations: readonly Observation[], cell: (one: Observation) => string): string {
  return [...new Set(observations.map(cell))].join(' or ')
}

function told({ status, case: { rule }, records: [record] }: Observation): string {
  if (rule.leaves === true) return 'what it waited for'
  if (record?.outcome === 'ok') return 'the answer'
  return record?.outcome === 'cut'
    ? `its beginning, then \`${record.errorCode}\``
    : `${status} \`${record?.errorCode}\``
}

function metered({ records: [record] }: Observation): string {
  const attempts = record?.attempts ?? 0
  return `${record?.outcome}, ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`
}
