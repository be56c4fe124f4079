/** As `push(...more)`, which takes no more than a stack does: some 100,000. */
export function append<T>(all: T[], more: readonly T[]): void {
  for (const item of more) all.push(item)
}
