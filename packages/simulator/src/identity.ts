/** Ids and chance that repeat for the same seed and the same order of requests. */
export interface Identity {
  /** `prefix` and 24 characters. */
  id(prefix: string): string
  /** At least 0, below 1. */
  chance(): number
}

export function createIdentity(seed: number): Identity {
  let state = seed >>> 0

  // Mulberry32: 32 bits of state are enough to tell requests apart.
  const chance = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const part = (): string =>
    Math.floor(chance() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')

  return { chance, id: (prefix) => `${prefix}${part()}${part()}${part()}` }
}
