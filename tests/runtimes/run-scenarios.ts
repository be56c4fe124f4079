import { createSluice, type Sluice } from 'sluice'
import { scenarioConfig, scenarios } from '../library/scenarios.ts'

/** Whom the scenarios speak to. */
export type Peer = { readonly simulator: string } | { readonly gateway: string; readonly apiKey: string }

export interface Outcomes {
  /** By scenario, in their order: why it failed, or `null`. */
  readonly failures: Readonly<Record<string, string | null>>
  /** Rejections that nothing handled. */
  readonly unhandled: readonly string[]
}

/** Runs every scenario, one after the other, in whatever runtime this is. Never rejects on account of a scenario. */
export async function runScenarios(peer: Peer): Promise<Outcomes> {
  const unhandled = new Map<unknown, string>()
  const stopWatching = watchRejections(unhandled)
  const open = (): Sluice =>
    'simulator' in peer ? createSluice(scenarioConfig(peer.simulator), { environment: {} }) : createSluice(peer)
  const sluice = open()
  const failures: Record<string, string | null> = {}
  for (const { name, run } of scenarios) {
    failures[name] = await run(sluice, open).then(() => null, describe)
  }
  await sluice.close()
  // Rejections are reported once the tasks in which they were left are over.
  await new Promise((resolve) => setTimeout(resolve, 50))
  stopWatching()
  return { failures, unhandled: [...unhandled.values()] }
}

/** By the event, or by what Bun has in its place. A handler that is added later takes nothing back. */
function watchRejections(unhandled: Map<unknown, string>): () => void {
  const { Bun: bun, process } = globalThis as { readonly Bun?: unknown; readonly process?: EmitterLike }
  if (bun !== undefined && process !== undefined) {
    const onUnhandled = (reason: unknown, promise: unknown): void => void unhandled.set(promise, describe(reason))
    process.on('unhandledRejection', onUnhandled)
    return () => void process.off('unhandledRejection', onUnhandled)
  }
  const onUnhandled = (event: Event): void => {
    event.preventDefault()
    const { promise, reason } = event as RejectionEvent
    unhandled.set(promise, describe(reason))
  }
  // Save in workerd, for what it does itself: a read of a body that fails goes through a promise of its own, which it
  // reports and then takes back, however soon the reader attached a handler.
  const onHandled = (event: Event): void => {
    const { promise } = event as RejectionEvent
    if (unhandled.get(promise)?.includes('FetchCall.run') === true) unhandled.delete(promise)
  }
  addEventListener('unhandledrejection', onUnhandled)
  addEventListener('rejectionhandled', onHandled)
  return () => {
    removeEventListener('unhandledrejection', onUnhandled)
    removeEventListener('rejectionhandled', onHandled)
  }
}

type RejectionEvent = Event & { readonly promise: unknown; readonly reason: unknown }

interface EmitterLike {
  on(event: string, listener: (reason: unknown, promise: unknown) => void): unknown
  off(event: string, listener: (reason: unknown, promise: unknown) => void): unknown
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
