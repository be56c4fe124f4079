/** So many things at a time; who waits longest is next. */
export interface Slots {
  /** Resolves when there is a free one. */
  take(): Promise<void>
  free(): void
}

export function createSlots(count: number): Slots {
  const waiting: (() => void)[] = []
  let left = count
  return {
    async take() {
      if (left > 0) left--
      else await new Promise<void>((resolve) => waiting.push(resolve))
    },
    free() {
      const next = waiting.shift()
      if (next === undefined) left++
      else next()
    },
  }
}
