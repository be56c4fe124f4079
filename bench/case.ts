import { writeFileSync } from 'node:fs'
import { callerKey } from './payloads.ts'
import { start, type Contender, type Running } from './contenders/contender.ts'
import type { Processes } from './measure/processes.ts'

/** One question, asked of every contender in turn. */
export interface Case {
  readonly id: string
  readonly title: string
  /** How it is measured, as a paragraph for the document. */
  readonly method: string
  run(bench: Bench): Promise<readonly Column[]>
}

/** What a case works with. */
export interface Bench {
  readonly contenders: readonly Contender[]
  readonly processes: Processes
  /** For this case's files. */
  readonly directory: string
  /** Fewer rounds and smaller counts: for development. */
  readonly quick: boolean
  readonly profileDirectory: string | undefined
  log(line: string): void
  /** Says that a contender does not do what the case asks of it. */
  leaveOut(name: string, reason: string): void
}

/** One kind of figure: for each contender a value from each round, in the order of the rounds. */
export interface Column {
  readonly name: string
  readonly unit: string
  readonly digits: number
  /** Whether it is put in relation to the floor and to nginx. */
  readonly compared: boolean
  readonly rounds: Readonly<Record<string, readonly number[]>>
}

export function column(
  name: string,
  unit: string,
  digits: number,
  compared: boolean,
  rounds: Column['rounds'],
): Column {
  return { name, unit, digits, compared, rounds }
}

/** Fails when a contender does not give the right answer: what is fast must first be right. */
export type Check = (running: Running) => Promise<unknown>

/**
 * Starts every contender in front of `upstream`, works with those that pass the check, and stops all of them whatever
 * happens.
 */
export async function withContenders<Result>(
  bench: Bench,
  upstream: string,
  check: Check,
  work: (running: readonly Running[]) => Promise<Result>,
): Promise<Result> {
  const running: Running[] = []
  try {
    for (const contender of bench.contenders) {
      const one = await startWhenRight(bench, contender, upstream, check)
      if (one !== undefined) running.push(one)
    }
    return await work(running)
  } finally {
    await Promise.all(running.map((one) => one.stop()))
  }
}

/** The contenders that are processes and pass the check, none of them running. */
export async function checkedProxies(bench: Bench, upstream: string, check: Check): Promise<Contender[]> {
  const right: Contender[] = []
  for (const contender of bench.contenders.filter(({ command }) => command !== undefined)) {
    const one = await startWhenRight(bench, contender, upstream, check)
    if (one === undefined) continue
    await one.stop()
    right.push(contender)
  }
  return right
}

async function startWhenRight(
  bench: Bench,
  contender: Contender,
  upstream: string,
  check: Check,
): Promise<Running | undefined> {
  let one: Running | undefined
  try {
    one = await startContender(bench, contender, upstream, '')
    await check(one)
    return one
  } catch (error) {
    await one?.stop()
    bench.leaveOut(contender.name, error instanceof Error ? error.message : String(error))
    return undefined
  }
}

/** Its files are in a directory that only starts with the same `label` share. */
function startContender(bench: Bench, contender: Contender, upstream: string, label: string): Promise<Running> {
  const { processes, profileDirectory } = bench
  const directory = `${bench.directory}/${contender.id}${label}`
  return start(contender, processes, { upstream, directory, profileDirectory, callerKey })
}

/** Starts one contender that is a process of its own. */
export async function startProxy(bench: Bench, contender: Contender, upstream: string, label = ''): Promise<Proxy> {
  const running = await startContender(bench, contender, upstream, label)
  if (!isProxy(running)) throw new Error(`${running.name} is not a process`)
  return running
}

/**
 * A B C A B C …: every contender is measured once in each round, so that whatever else the machine does meets all of
 * them alike. Gives, for each figure that `measure` returns, the contenders' values by round.
 */
export async function interleave<One extends { readonly id: string }, Figure extends string>(
  contenders: readonly One[],
  rounds: number,
  measure: (contender: One) => Promise<Readonly<Record<Figure, number>>>,
): Promise<Readonly<Record<Figure, Column['rounds']>>> {
  const figures: Record<string, Record<string, number[]>> = {}
  for (let round = 0; round < rounds; round++) {
    for (const one of contenders) {
      for (const [figure, value] of Object.entries<number>(await measure(one))) {
        ;((figures[figure] ??= {})[one.id] ??= []).push(value)
      }
    }
  }
  return figures as Record<Figure, Column['rounds']>
}

export type Proxy = Running & { readonly pid: number }

export function isProxy(running: Running): running is Proxy {
  return running.pid !== undefined
}

/** Keeps a request's body in a file, as load tools want it. */
export function bodyFile(bench: Bench, body: string, name = 'request'): string {
  const file = `${bench.directory}/${name}.json`
  writeFileSync(file, body)
  return file
}
