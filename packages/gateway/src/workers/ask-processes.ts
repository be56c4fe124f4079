import type { AskProcesses } from '../telemetry/overview.ts'
import type { ProcessView, TraceQuestion } from '../telemetry/process-view.ts'
import type { Peers } from './peers.ts'

/** What is added up also for workers that are no more. */
export const totalsQuestion = 'view.totals'

/** Lets all workers be asked for what each has seen, and answers for this one. */
export function askProcesses(peers: Peers, own: ProcessView): AskProcesses {
  for (const part of ['calls', 'failures', 'events', 'state', 'totals'] as const)
    peers.answer(`view.${part}`, () => own[part]())
  peers.answer('view.trace', (about) => own.trace(about as TraceQuestion))
  // They run this program: what they say is what their own `ProcessView` said.
  return async (part, about) => (await peers.ask(`view.${part}`, about)) as never
}
