import type { Counters } from '../counters/counters.ts'

/** Counters that are opened when they are first asked for. What they hold is closed with them. */
export function createLazyCounters(open: () => Promise<Counters>): Counters {
  let opening: Promise<Counters> | undefined
  let counters: Counters | undefined

  async function later(): Promise<Counters> {
    opening ??= open()
    return (counters ??= await opening)
  }

  return {
    take: (limits, amounts) => counters?.take(limits, amounts) ?? later().then((open) => open.take(limits, amounts)),
    settle: (reservation, used) =>
      counters?.settle(reservation, used) ?? later().then((open) => open.settle(reservation, used)),
    extend: (reservation, amounts) =>
      counters?.extend(reservation, amounts) ?? later().then((open) => open.extend(reservation, amounts)),
    seed: async (limit, spent) => (await later()).seed(limit, spent),
    look: async (limits) => (await later()).look(limits),
    async close() {
      if (opening !== undefined) await (await later()).close()
    },
  }
}
