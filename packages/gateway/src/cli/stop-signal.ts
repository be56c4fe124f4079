import { once } from 'node:events'
import process from 'node:process'
import type { Terminal } from './terminal.ts'

/** Resolves at the first of these signals from now on. */
export async function stopSignal(...signals: readonly NodeJS.Signals[]): Promise<void> {
  const received = new AbortController()
  const { signal: done } = received
  await Promise.race(signals.map((signal) => once(process, signal, { signal: done })))
  received.abort()
}

/** Why it does not end at once, where it does not. `drainTimeout`: milliseconds. */
export function sayWhatIsOpen(open: number, drainTimeout: number, terminal: Terminal): void {
  if (open === 0) return
  const requests = open === 1 ? '1 open request gets' : `${open} open requests get`
  terminal.stderr.write(`Stopping: ${requests} up to ${drainTimeout / 1000} s; again to stop now.\n`)
}
