import { SluiceError } from 'sluice'

// Nothing here is of Node, nor of a test runner: the scenarios run anywhere.

export function ask(model: string, content = 'Hi'): { model: string; messages: { role: 'user'; content: string }[] } {
  return { model, messages: [{ role: 'user', content }] }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}

/** The addresses that were fetched by global `fetch` meanwhile. */
export async function watchFetch(work: () => Promise<void>): Promise<{ readonly calls: readonly string[] }> {
  const calls: string[] = []
  const { fetch } = globalThis
  globalThis.fetch = (...given: Parameters<typeof fetch>) => {
    const [input] = given
    calls.push(input instanceof Request ? input.url : String(input))
    return fetch(...given)
  }
  try {
    await work()
  } finally {
    globalThis.fetch = fetch
  }
  return { calls }
}

export async function failureOf(action: Promise<unknown>): Promise<SluiceError> {
  try {
    await action
  } catch (error) {
    if (error instanceof SluiceError) return error
    throw error
  }
  throw new Error('It succeeded, and should not have.')
}

export function expectThat(met: boolean, what: string, seen: unknown): void {
  if (!met) throw new Error(`Expected ${what}; saw ${JSON.stringify(seen)}`)
}

export function expectEqual(seen: unknown, expected: unknown): void {
  const [one, other] = [stable(seen), stable(expected)]
  if (one !== other) throw new Error(`Expected ${other}; saw ${one}`)
}

/** JSON with its members in order, in which what is absent and what is `undefined` are the same. */
function stable(value: unknown): string {
  return (
    JSON.stringify(value, (_key, member: unknown) =>
      typeof member === 'object' && member !== null && !Array.isArray(member)
        ? Object.fromEntries(Object.entries(member).toSorted(([one], [other]) => (one < other ? -1 : 1)))
        : member,
    ) ?? 'undefined'
  )
}
