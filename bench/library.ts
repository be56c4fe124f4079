/**
 * `npm run bench:library -- [rounds]`: what the library costs an application, beside the official `openai` package and
 * the AI SDK: per call, in its bundle, when it is imported and type-checked. Writes docs/library-benchmarks.md.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { bundles, bundleSize } from './library/bundle-size.ts'
import { measureCalls } from './library/call-cost.ts'
import { measureImports } from './library/import-cost.ts'
import { measureTypeCheck } from './library/type-check-cost.ts'
import { renderPage } from './library/write-page.ts'
import { describeMachine, machineLoad } from './machine.ts'

const rounds = Number(process.argv[2] ?? 7)
const load = machineLoad()
const sizes = []
for (const bundle of bundles) sizes.push(await bundleSize(bundle))
const chat = await measureCalls('chat', 400, rounds)
const stream = await measureCalls('stream', 80, rounds)
const imports = measureImports(rounds)
const types = measureTypeCheck(Math.min(rounds, 3))
const machine = [
  ...describeMachine().filter(([name]) => name !== 'wrk'),
  ['measured', new Date().toISOString().slice(0, 10)],
  ['load average before and after', [load, machineLoad()].map((value) => value.toFixed(2)).join(', ')],
] as const
const page = renderPage({ machine, sizes, imports, chat, stream, types })
writeFileSync(join(import.meta.dirname, '../docs/library-benchmarks.md'), page)
console.log(page)
