import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'

/** What the run ran on, as rows of a table. */
export function describeMachine(): readonly (readonly [string, string])[] {
  const distribution = /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown'
  const processors = cpus()
  return [
    ['processor', `${processors[0]?.model ?? 'unknown'}, ${processors.length} cores`],
    ['memory', `${Math.round(totalmem() / 1024 ** 3)} GB`],
    ['system', `${distribution}, Linux ${release()}`],
    ['Node', process.version],
    ['wrk', wrkVersion()],
  ]
}

/** Processes that wanted a core, on average over the last minute; above the run's own two, others were at work. */
export function machineLoad(): number {
  return loadavg()[0] ?? 0
}

function wrkVersion(): string {
  try {
    execFileSync('wrk', ['-v'], { encoding: 'utf8' })
  } catch (error) {
    return /^wrk (\S+)/.exec((error as { stdout?: string }).stdout ?? '')?.[1] ?? 'unknown'
  }
  return 'unknown'
}
