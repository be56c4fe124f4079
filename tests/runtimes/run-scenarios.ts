import { createSluice } from 'sluice'
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
  const onUnhandled = (event: Event): void => {
    event.preventDefault()
    const { promise, reason } = event as Event & { readonly promise: unknown; readonly reason: unknown }
    unhandled.set(promise, describe(reason))
  }
  // workerd reports at once, and takes it back when a handler is added in the same turn.
  const onHandled = (event: Event): void =>
    void unhandled.delete((event as Event & { readonly promise: unknown }).promise)
  addEventListener('unhandledrejection', onUnhandled)
  addEventListener('rejectionhandled', onHandled)
  const sluice =
    'simulator' in peer ? createSluice(scenarioConfig(peer.simulator), { environment: {} }) : createSluice(peer)
  const failures: Record<string, string | null> = {}
  for (const { name, run } of scenarios) {
    failures[name] = await run(sluice).then(() => null, describe)
  }
  await sluice.close()
  // Rejections are reported once the tasks in which they were left are over.
  await new Promise((resolve) => setTimeout(resolve, 50))
  removeEventListener('unhandledrejection', onUnhandled)
  removeEventListener('rejectionhandled', onHandled)
  return { failures, unhandled: [...unhandled.values()] }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
