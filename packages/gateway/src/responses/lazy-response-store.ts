import type { ResponseStore, StoredResponse } from './response-store.ts'

/** A store that is opened when it is first needed. */
export interface LazyResponseStore extends ResponseStore {
  /** Saves without being waited for: what is on its way there is found already. */
  remember(response: StoredResponse): void
}

/** @param failed hears of what could not be remembered. */
export function createLazyResponseStore(
  open: () => Promise<ResponseStore>,
  failed: (error: unknown) => void,
): LazyResponseStore {
  let opening: Promise<ResponseStore> | undefined
  const store = (): Promise<ResponseStore> =>
    (opening ??= open().catch((error: unknown) => {
      opening = undefined
      throw error
    }))
  /** On their way. */
  const pending = new Map<StoredResponse, Promise<void>>()

  function onItsWay(id: string): StoredResponse | undefined {
    for (const response of pending.keys()) if (response.id === id) return response
    return undefined
  }

  return {
    remember(response) {
      const saving = store()
        .then((opened) => opened.save(response))
        .catch(failed)
        .then(() => void pending.delete(response))
      pending.set(response, saving)
    },
    save: async (response, builtOn) => (await store()).save(response, builtOn),
    async find(id, owner) {
      const response = onItsWay(id)
      return response?.owner === owner ? response : (await store()).find(id, owner)
    },
    has: async (id) => onItsWay(id) !== undefined || (await store()).has(id),
    remove: async (id, owner) => (await store()).remove(id, owner),
    async close() {
      await Promise.all(pending.values())
      await (await opening?.catch(() => undefined))?.close()
    },
  }
}
