import { join } from 'node:path'
import type { Column } from './case.ts'
import { median, ratioOf } from './measure/statistics.ts'
import { table } from './table.ts'
import { judge, type Verdict } from './targets.ts'

/** Everything that a run found out. */
export interface Report {
  readonly date: string
  readonly machine: readonly (readonly [string, string])[]
  /** Load averages before and after. */
  readonly load: readonly [number, number]
  readonly contenders: readonly { readonly id: string; readonly name: string; readonly version: string }[]
  readonly skipped: readonly { readonly name: string; readonly reason: string }[]
  readonly results: readonly CaseResult[]
}

export interface CaseResult {
  readonly id: string
  readonly title: string
  readonly method: string
  readonly columns: readonly Column[]
  /** Contenders that did not give the right answer, and what they did. */
  readonly failed: readonly { readonly name: string; readonly reason: string }[]
}

const comparedWith = ['floor', 'nginx']

/** `docs/benchmarks.md`. */
export function renderDocument(report: Report): string {
  const { machine, contenders, skipped, results, load, date } = report
  return `${[
    '# Benchmarks',
    '`npm run bench` measures and writes this page: run it to have these figures for your machine. A figure is the ' +
      'median over the rounds; the lowest and the highest round stand in parentheses. A ratio (×) is the median of ' +
      'the ratios round by round.',
    '## What was promised',
    ...renderVerdicts(judge(results)),
    ...describeBeyond(results),
    '## Results',
    ...results.flatMap((result) => [
      `### ${result.title}`,
      table(rowsOf(result, contenders)),
      ...result.failed.map(leftOut),
      result.method,
    ]),
    '## Contenders',
    contenders
      .map(({ name, version, id }) => `- **${name}**: ${[version, setUp[id]].filter(Boolean).join('. ')}.`)
      .join('\n'),
    ...skipped.map(leftOut),
    '## Machine',
    table([
      ['', ''],
      ...machine.map((row) => [...row]),
      ['measured', date],
      ['load average before and after', load.map((value) => value.toFixed(2)).join(', ')],
    ]),
    '## Method',
    method,
    '## Caveats',
    caveats,
  ].join('\n\n')}\n`
}

const root = join(import.meta.dirname, '..')

/** A reason may be what a program said; where this copy of the repository lies is nobody's business. */
function leftOut({ name, reason }: Report['skipped'][number]): string {
  return `${name} was left out: ${reason.replaceAll(root, '.').trim().replace(/\.$/, '')}.`
}

/** The same tables, for a terminal. */
export function renderSummary(report: Report): string {
  const { contenders, results } = report
  const verdicts = judge(results).filter(({ value }) => value !== undefined)
  return [
    ...results.map((result) => `${result.title}\n${table(rowsOf(result, contenders))}`),
    ...(verdicts.length > 0 ? renderVerdicts(verdicts) : []),
  ].join('\n\n')
}

function renderVerdicts(verdicts: readonly Verdict[]): string[] {
  const limit = ({ target }: Verdict): string => `≤ ${target.atMost} ${target.unit}`
  const figure = ({ target, value }: Verdict): string =>
    value === undefined
      ? 'not measured'
      : `${value.toFixed(target.unit === '×' ? 3 : value < 10 ? 2 : 0)} ${target.unit}`
  const word = ({ value, held }: Verdict): string => (value === undefined ? '–' : held ? 'held' : '**missed**')
  return [
    table([
      ['target', 'limit', 'measured', ''],
      ...verdicts.map((verdict) => [verdict.target.text, limit(verdict), figure(verdict), word(verdict)]),
    ]),
  ]
}

/** What a reader may expect to find among the targets and does not, with its figures of this run. */
function describeBeyond(results: readonly CaseResult[]): string[] {
  const ratioIn = (id: string, columnName: string, own: string, other: string): string | undefined => {
    const rounds = results.find((result) => result.id === id)?.columns.find(({ name }) => name === columnName)?.rounds
    return rounds?.[own] && rounds[other] ? ratioOf(rounds[own], rounds[other]).toFixed(2) : undefined
  }
  const alone = ratioIn('streaming', 'CPU per stream', 'sluice', 'nginx')
  const floor = ratioIn('streaming', 'CPU per stream', 'floor', 'nginx')
  const newer = ratioIn('non-streaming', 'CPU per request', 'portkey-same-node', 'sluice')
  const sentences = [
    alone !== undefined &&
      floor !== undefined &&
      `Where every chunk comes on its own, a stream costs ${alone} × nginx here. No proxy on this runtime can come near 1.25: the bare floor costs ${floor} ×, so there the floor is the measure.`,
    newer !== undefined &&
      `Portkey on the Node that Sluice brings, which is newer than the one it is shipped with, costs ${newer} × Sluice.`,
  ].filter((sentence) => sentence !== false)
  return sentences.length === 0 ? [] : [`Beyond the targets. ${sentences.join(' ')}`]
}

function rowsOf({ columns }: CaseResult, contenders: Report['contenders']): string[][] {
  const references = ({ compared, rounds }: Column): string[] =>
    compared ? comparedWith.filter((id) => id in rounds) : []
  const head = columns.flatMap((column) => [
    column.unit === '' ? column.name : `${column.name}, ${column.unit}`,
    ...references(column).map((id) => `× ${id}`),
  ])
  const present = contenders.filter(({ id }) => columns.some(({ rounds }) => id in rounds))
  return [
    ['', ...head],
    ...present.map(({ id, name }) => [
      name,
      ...columns.flatMap((column) => [
        cell(column, id),
        ...references(column).map((reference) => ratio(column, id, reference)),
      ]),
    ]),
  ]
}

function cell({ rounds, digits }: Column, id: string): string {
  const values = rounds[id]
  if (values === undefined) return '–'
  const text = (value: number): string =>
    value.toLocaleString('en-US', {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    })
  const middle = text(median(values))
  return values.length === 1 ? middle : `${middle} (${text(Math.min(...values))}–${text(Math.max(...values))})`
}

function ratio({ rounds }: Column, id: string, reference: string): string {
  const [own, other] = [rounds[id], rounds[reference]]
  return own === undefined || other === undefined ? '–' : ratioOf(own, other).toFixed(2)
}

const setUp: Readonly<Record<string, string>> = {
  direct: 'The load goes to the upstream itself',
  nginx: '`proxy_pass`, one worker, keep-alive to the upstream, `proxy_buffering off`, no access log',
  floor: "`node:http` and `undici`'s `Pool.dispatch`: JSON parsed, the model's name replaced, the answer relayed",
  sluice: 'Caller keys, metering and logging of errors are on; the ledger is off',
  'sluice-complete':
    'Also a managed key, limits of requests, of tokens and of requests at once, a budget, and the ledger; on SQLite and memory',
  'sluice-shared': 'Everything on, with PostgreSQL and Redis, which run on the core of the load',
  portkey:
    'Nothing configured, on the Node that its container image is built from; told the upstream by ' +
    '`x-portkey-provider` and `x-portkey-custom-host`. As released it fails every stream on Node (its issue 1550); ' +
    'the bench loads a few lines before it that let its streams pass',
  'portkey-same-node': 'The same on the Node that the others run on',
}

const method = `\
Every contender is bound to core 0; the load, the upstream and the bench itself to core 1. All of them listen on
127.0.0.1, without TLS. The contenders of a case run side by side and take turns, A B C A B C, so that whatever else the
machine does meets all of them alike. Each is warmed up first, and its answers are checked against the upstream's.

The figure to go by is **CPU time**: user and system time of the contender's processes, children and threads included,
as Linux's scheduler counts it (\`/proc/PID/task/*/schedstat\`), between the beginning and the end of a round, divided by
the requests answered in it. Nothing is left out: garbage collection and just-in-time compilation are in it, and the
kernel's work for the sockets. Other work on the same cores makes wall-clock times useless; CPU time it makes longer too,
by what it does to the caches, but for neighbours in a round alike: the ratios are the steadiest figures here.`

const caveats = `\
- One machine, one kernel, the loopback in place of a network: ratios carry over to other machines, figures do not.
- Nobody else's gateway was tuned by its authors for this. Portkey does more per request than the floor, and other
  things than Sluice does; nginx and the floor check no key and count no tokens.
- nginx and wrk are not ours. The upstream of the streaming cases is: a small Node server with its events prepared in
  advance. So is the client that times single streams.
- The streaming requests do not ask for usage, as most clients do not. A gateway that meters asks the upstream for it,
  so its upstream sends one event more, and the gateway takes it out again.
- Most of the cost of a streamed chunk is the kernel's, for a read, a write and waking the reader. A proxy that finds
  several chunks waiting pays that once for all of them, so the two streaming cases give different figures and ratios.
- The load is closed-loop: a connection sends its next request only after its answer; queueing under overload is not
  seen.
- Memory shared between nginx's two processes is counted twice.
- Wall-clock columns are for orientation, above all where the load average says that the machine had other work.`
