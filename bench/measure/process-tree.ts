import { readdirSync, readFileSync } from 'node:fs'

/**
 * Microseconds of processor time, user and system, that a process, its threads and its children have used. From the
 * scheduler's own count, in nanoseconds; the usual `utime` and `stime` come in steps of ten milliseconds.
 */
export function processorTime(pid: number): number {
  let nanoseconds = 0
  for (const member of membersOf(pid)) {
    for (const thread of threadsOf(member)) {
      nanoseconds += Number(readFileSync(`/proc/${member}/task/${thread}/schedstat`, 'latin1').split(' ')[0])
    }
  }
  return nanoseconds / 1_000
}

/** Bytes of memory resident for a process and its children; pages they share count once for each. */
export function residentMemory(pid: number): number {
  let kilobytes = 0
  for (const member of membersOf(pid)) {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${member}/status`, 'latin1'))
    kilobytes += Number(line?.[1] ?? 0)
  }
  return kilobytes * 1024
}

function membersOf(pid: number): number[] {
  const children = threadsOf(pid).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(membersOf)]
}

function threadsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`)
}
