import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts processor time in hundredths of a second for every program that asks. */
const microsecondsPerTick = 10_000

/** Microseconds of processor time (user and system) that a process, its threads and its children have used. */
export function processorTime(pid: number): number {
  let ticks = 0
  for (const member of membersOf(pid)) {
    // The program's name, in parentheses, may hold spaces: the numbers start after the last one.
    const stat = readFileSync(`/proc/${member}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map(Number)
    ticks += user! + system! + childrenUser! + childrenSystem!
  }
  return ticks * microsecondsPerTick
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
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number))
  return [pid, ...children.flatMap(membersOf)]
}
