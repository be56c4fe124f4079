import { once } from 'node:events'
import process from 'node:process'

/** Resolves at the first of these signals from now on. */
export async function stopSignal(...signals: readonly NodeJS.Signals[]): Promise<void> {
  const received = new AbortController()
  const { signal: done } = received
  await Promise.race(signals.map((signal) => once(process, signal, { signal: done })))
  received.abort()
}
