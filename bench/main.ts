/**
 * `npm run bench`: measures Sluice beside its neighbours and writes docs/benchmarks.md. See `--help`.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Case } from './case.ts'
import { addedLatency } from './cases/added-latency.ts'
import { firstByte } from './cases/first-byte.ts'
import { idleStreams } from './cases/idle-streams.ts'
import { largeRequest } from './cases/large-request.ts'
import { nonStreaming } from './cases/non-streaming.ts'
import { routes } from './cases/routes.ts'
import { shortStreams } from './cases/short-streams.ts'
import { startUp } from './cases/start-up.ts'
import { streamingBurst } from './cases/streaming-burst.ts'
import { translatedStreaming } from './cases/translated-streaming.ts'
import { streaming } from './cases/streaming.ts'
import { loadCore, type Contender } from './contenders/contender.ts'
import { direct } from './contenders/direct.ts'
import { floor } from './contenders/floor.ts'
import { nginx } from './contenders/nginx.ts'
import { portkey, portkeySameNode } from './contenders/portkey.ts'
import { sluice, sluiceComplete, sluiceShared } from './contenders/sluice.ts'
import { describeMachine, machineLoad } from './machine.ts'
import { Processes } from './measure/processes.ts'
import { summariseProfiles } from './profile.ts'
import { missingTools } from './tools.ts'
import { renderDocument, renderSummary, type CaseResult, type Report } from './write-document.ts'

const cases: readonly Case[] = [
  nonStreaming,
  routes,
  streaming,
  streamingBurst,
  translatedStreaming,
  largeRequest,
  idleStreams,
  firstByte,
  shortStreams,
  addedLatency,
  startUp,
]
const contenders: readonly Contender[] = [
  direct,
  nginx,
  floor,
  sluice,
  sluiceComplete,
  sluiceShared,
  portkey,
  portkeySameNode,
]

const workDirectory = `${import.meta.dirname}/.work`
const documentFile = `${import.meta.dirname}/../docs/benchmarks.md`

const help = `\
npm run bench -- [options]

Measures Sluice beside nginx, a bare Node proxy and Portkey, and writes docs/benchmarks.md.
A run with --only, --contenders, --quick or --cpu-prof prints its tables and leaves the document alone.

  --only CASE,…         ${cases.map(({ id }) => id).join(', ')}
  --contenders NAME,…   ${contenders.map(({ id }) => id).join(', ')}
  --quick               fewer rounds, smaller counts
  --json                print every round's figures as JSON
  --cpu-prof            profile Sluice and the floor, print where their time goes
  --help                print this
`

const log = (line: string): void => void process.stderr.write(`${line}\n`)

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    contenders: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    'cpu-prof': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (options.help) {
  process.stdout.write(help)
} else {
  process.exitCode = await main()
}

async function main(): Promise<number> {
  const chosenCases = choose(cases, options.only, 'case')
  const chosenContenders = choose(contenders, options.contenders, 'contender')
  const missing = missingTools(log)
  if (missing.length > 0) {
    log(`The bench needs ${missing.join(', ')}; install with: apt-get install nginx-light wrk util-linux`)
    return 1
  }

  const report = await measure(chosenCases, chosenContenders)
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : `${renderSummary(report)}\n`)
  const partial = options.only ?? options.contenders ?? (options.quick || options['cpu-prof'])
  if (partial === false) {
    writeFileSync(documentFile, renderDocument(report))
    log('wrote docs/benchmarks.md')
  }
  return 0
}

async function measure(chosenCases: readonly Case[], chosen: readonly Contender[]): Promise<Report> {
  // What contenders need besides (databases) runs where the load does.
  execFileSync('taskset', ['-acp', String(loadCore), String(process.pid)], { stdio: 'ignore' })
  const present: Contender[] = []
  const skipped: { name: string; reason: string }[] = []
  for (const contender of chosen) {
    const reason = await contender.unavailable(workDirectory)
    if (reason === undefined) present.push(contender)
    else skipped.push({ name: contender.name, reason })
  }
  for (const { name, reason } of skipped) log(`leaving out ${name}: ${reason}`)
  // Latencies are read against the direct way, which costs little: it always takes part.
  if (!present.includes(direct)) present.unshift(direct)

  const runDirectory = `${workDirectory}/run-${process.pid}`
  const profileDirectory = options['cpu-prof'] ? `${workDirectory}/profiles-${process.pid}` : undefined
  const processes = new Processes()
  const stopOnSignal = (): void => void processes.stopAll().then(() => process.exit(130))
  process.on('SIGINT', stopOnSignal).on('SIGTERM', stopOnSignal)

  // Now, as what is measured may be worked on meanwhile.
  const versions = present.map((contender) => ({
    id: contender.id,
    name: contender.name,
    version: contender.version(),
  }))
  const loadBefore = machineLoad()
  const results: CaseResult[] = []
  try {
    for (const { id, title, method, run } of chosenCases) {
      log(`${id}: ${title}`)
      const directory = `${runDirectory}/${id}`
      mkdirSync(directory, { recursive: true })
      const failed: { name: string; reason: string }[] = []
      const columns = await run({
        contenders: present.filter(({ cases: taken }) => taken?.includes(id) ?? true),
        processes,
        directory,
        quick: options.quick,
        profileDirectory,
        log: (line) => log(`  ${line}`),
        leaveOut: (name, reason) => {
          failed.push({ name, reason })
          log(`  leaving out ${name}: ${reason}`)
        },
      })
      results.push({ id, title, method, columns, failed })
    }
    if (profileDirectory !== undefined) log(summariseProfiles(profileDirectory))
  } finally {
    await processes.stopAll()
    rmSync(runDirectory, { recursive: true, force: true })
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    load: [loadBefore, machineLoad()],
    contenders: versions,
    skipped,
    results,
  }
}

function choose<One extends { readonly id: string }>(
  all: readonly One[],
  ids: string | undefined,
  kind: string,
): readonly One[] {
  if (ids === undefined) return all
  return ids.split(',').map((id) => {
    const one = all.find((candidate) => candidate.id === id)
    if (one === undefined) {
      log(`There is no ${kind} "${id}"; there are: ${all.map((candidate) => candidate.id).join(', ')}`)
      process.exit(2)
    }
    return one
  })
}
