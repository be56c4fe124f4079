import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { CallCost, Order } from './caller.ts'
import type { ClientName } from './clients.ts'

/** Microseconds of CPU per call, one figure a round. */
export type CallCosts = Readonly<Record<ClientName, number[]>>

/** The clients take turns, so that whatever else the machine does meets all of them alike. */
export async function measureCalls(kind: Order['kind'], count: number, rounds: number): Promise<CallCosts> {
  const names: readonly ClientName[] = ['sluice-core', 'sluice', 'openai', 'ai']
  const upstream = start('upstream.ts')
  const children: ChildProcess[] = [upstream]
  try {
    const url = (await messageOf(upstream)) as string
    const callers = names.map((name) => [name, start('caller.ts', name, url)] as const)
    children.push(...callers.map(([, child]) => child))
    const texts = new Set<string>()
    // What is compiled late is compiled by then.
    for (const [, child] of callers) texts.add((await ask(child, { kind, count: count * 2 })).text)
    if (texts.size !== 1) throw new Error(`the clients do not read the same: ${[...texts].join(' | ')}`)
    const costs: Record<ClientName, number[]> = { 'sluice-core': [], sluice: [], openai: [], ai: [] }
    for (let round = 0; round < rounds; round++)
      for (const [name, child] of callers) costs[name].push((await ask(child, { kind, count })).cpu)
    return costs
  } finally {
    for (const child of children) child.kill()
  }
}

function start(script: string, ...given: readonly string[]): ChildProcess {
  return fork(join(import.meta.dirname, script), given, { execArgv: ['--conditions=sluice-source'] })
}

async function ask(child: ChildProcess, order: Order): Promise<CallCost> {
  const answered = messageOf(child)
  child.send(order)
  const cost = (await answered) as CallCost | { readonly failed: string }
  if ('failed' in cost) throw new Error(cost.failed)
  return cost
}

/** What it says next. Rejects when it ends before. */
async function messageOf(child: ChildProcess): Promise<unknown> {
  const over = new AbortController()
  const ended = once(child, 'exit', over).then(() => {
    throw new Error(`${child.spawnargs.slice(-2).join(' ')} ended before it answered`)
  })
  try {
    const [message] = await Promise.race([once(child, 'message', over), ended])
    return message
  } finally {
    over.abort()
  }
}
