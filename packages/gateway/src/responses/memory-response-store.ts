import { type ResponseStore, type ResponseStoreOptions, sizeOf, type StoredResponse } from './response-store.ts'

interface Entry {
  readonly response: StoredResponse
  readonly size: number
  readonly expiresAt: number
}

/** Responses in this process's memory: they are gone when it ends. */
export function createMemoryResponseStore({ ttl, maxBytes, now }: ResponseStoreOptions): ResponseStore {
  /** By owner and id, those that expire first at the front. */
  const entries = new Map<string, Entry>()
  let size = 0

  function keep(key: string, response: StoredResponse): void {
    drop(key)
    const entry = { response, size: sizeOf(response), expiresAt: now() + ttl }
    entries.set(key, entry)
    size += entry.size
  }

  function drop(key: string): boolean {
    const entry = entries.get(key)
    if (entry === undefined) return false
    size -= entry.size
    return entries.delete(key)
  }

  function living(key: string): StoredResponse | undefined {
    const entry = entries.get(key)
    return entry !== undefined && entry.expiresAt > now() ? entry.response : undefined
  }

  function sweep(): void {
    for (const [key, { expiresAt }] of entries) {
      if (expiresAt > now() && size <= maxBytes) return
      drop(key)
    }
  }

  return {
    save(response, builtOn = []) {
      for (const id of builtOn) {
        const key = keyOf(id, response.owner)
        const earlier = living(key)
        if (earlier !== undefined) keep(key, earlier)
      }
      keep(keyOf(response.id, response.owner), response)
      sweep()
      return Promise.resolve()
    },
    find: (id, owner) => Promise.resolve(living(keyOf(id, owner))),
    has: (id) =>
      Promise.resolve([...entries.values()].some((entry) => entry.response.id === id && entry.expiresAt > now())),
    remove(id, owner) {
      const key = keyOf(id, owner)
      const there = living(key) !== undefined
      drop(key)
      return Promise.resolve(there)
    },
    close: () => Promise.resolve(),
  }
}

function keyOf(id: string, owner: string): string {
  return JSON.stringify([owner, id])
}
