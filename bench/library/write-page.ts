import { median, ratioOf } from '../measure/statistics.ts'
import { table } from '../table.ts'
import type { BundleSize } from './bundle-size.ts'
import type { CallCosts } from './call-cost.ts'
import type { ClientName } from './clients.ts'
import type { ImportCost } from './import-cost.ts'
import type { TypeCheckCost } from './type-check-cost.ts'

/** All that `npm run bench:library` found out. */
export interface LibraryReport {
  readonly machine: readonly (readonly [string, string])[]
  readonly sizes: readonly BundleSize[]
  readonly imports: readonly ImportCost[]
  readonly chat: CallCosts
  readonly stream: CallCosts
  readonly types: TypeCheckCost
}

/** `docs/library-benchmarks.md`. */
export function renderPage({ machine, sizes, imports, chat, stream, types }: LibraryReport): string {
  const [core] = sizes
  const library = imports.find(({ name }) => name === '`sluice`')
  const added = median(types.examples.map((value, round) => value - types.bare[round]!))
  return `${[
    '# Benchmarks of the library',
    '`npm run bench:library` measures and writes this page: run it to have these figures for your machine. A figure is ' +
      'the median over the rounds; the lowest and the highest stand in parentheses.',
    '## What was promised',
    table([
      ['target', 'limit', 'measured', ''],
      judged('core bundle: one provider, chat and stream', 25, core!.first / 1000, 'kB'),
      judged("`import 'sluice'`", 30, median(library!.wall), 'ms'),
      ...(['openai', 'ai'] as const).flatMap((other) => [
        judged(`CPU of \`chat\` beside \`${other}\``, 1, ratioOf(chat.sluice, chat[other]), '×'),
        judged(`CPU of a stream of 100 chunks beside \`${other}\``, 1, ratioOf(stream.sluice, stream[other]), '×'),
      ]),
      judged('type-checking the examples adds', 2, added, 's'),
    ]),
    '## A call',
    table([
      ['CPU per call, µs', '`chat`', 'stream of 100 chunks'],
      ...Object.entries(names).map(([id, name]) => [
        name,
        spread(chat[id as ClientName], 0),
        spread(stream[id as ClientName], 0),
      ]),
    ]),
    'Each client in a process of its own, eight calls at a time, over the same simulated provider, whose answers are ' +
      'prepared; they take turns in every round, and each has to read the same text. CPU is that of the process, user ' +
      'and system, with its garbage collection; a good part of it is `fetch`, which all of them call.',
    '## Size',
    table([
      ['min + gzip, kB', 'at once', 'when needed'],
      ...sizes.map(({ name, first, later }) => [name, (first / 1000).toFixed(1), (later / 1000).toFixed(1)]),
    ]),
    'Bundled by Vite for browsers. What is loaded when needed is mostly tokenizers and the table of prices. ' +
      '`npm run size` prints the same and fails when a limit is passed.',
    '## Import',
    table([
      ['ms', 'CPU', 'wall clock'],
      ...imports.map(({ name, cpu, wall }) => [name, spread(cpu, 0), spread(wall, 0)]),
    ]),
    'In a fresh process each, from the built packages.',
    '## Types',
    table([
      ['`tsc`, s', ''],
      ['a program that imports the library', spread(types.bare, 2)],
      ['the same with all examples', spread(types.examples, 2)],
    ]),
    '## Machine',
    table([['', ''], ...machine.map((row) => [...row])]),
  ].join('\n\n')}\n`
}

const names: Readonly<Record<ClientName, string>> = {
  'sluice-core': '`sluice/core`',
  sluice: '`sluice`',
  openai: '`openai`',
  ai: '`ai` and `@ai-sdk/openai-compatible`',
}

function judged(target: string, limit: number, value: number, unit: string): string[] {
  return [
    target,
    `≤ ${limit} ${unit}`,
    `${value.toFixed(unit === '×' || unit === 's' ? 2 : 1)} ${unit}`,
    value <= limit ? 'held' : '**missed**',
  ]
}

function spread(values: readonly number[], digits: number): string {
  const text = (value: number): string => value.toFixed(digits)
  return `${text(median(values))} (${text(Math.min(...values))}–${text(Math.max(...values))})`
}
