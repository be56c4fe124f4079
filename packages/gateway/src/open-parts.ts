/** What a gateway holds open. */
export interface OpenParts {
  /** Of each as soon as it is made. */
  add(made: Partial<Record<PartName, Closable | undefined>>): void
  /** Closes one after the other. Rejects with the first failure, when each had its turn. */
  close(): Promise<void>
}

export interface Closable {
  close(): void | Promise<void>
}

type PartName = (typeof order)[number]

/** First whoever hears of things, then what callers wait for, then what that needs. */
const order = [
  'health',
  'access',
  'changes',
  'listener',
  'responses',
  'batches',
  'limits',
  'ledger',
  'cache',
  'database',
  'redis',
  'outbound',
  'transport',
] as const

export function createOpenParts(): OpenParts {
  const parts: Partial<Record<PartName, Closable | undefined>> = {}
  return {
    add: (made) => void Object.assign(parts, made),
    async close() {
      const failures: unknown[] = []
      for (const name of order) {
        try {
          await parts[name]?.close()
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw failures[0]
    },
  }
}
