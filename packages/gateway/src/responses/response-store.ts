/** A response that a provider without state gave: all of it is kept here. */
export interface KeptResponse {
  readonly kind: 'kept'
  /** `resp_…` */
  readonly id: string
  /** Who asked for it; nobody else finds it. */
  readonly owner: string
  /** Of the response that it goes on from. */
  readonly previousId: string | undefined
  /** That the provider was spoken to in. */
  readonly dialect: string
  /** The request's own input, without that of earlier turns: JSON. */
  readonly input: string
  /** As it was answered: JSON. */
  readonly response: string
}

/** A response that its provider keeps; here is only which one that is. */
export interface RelayedResponse {
  readonly kind: 'relayed'
  readonly id: string
  readonly owner: string
  /** Id of a configured provider; of one that is a site's own, with the site's: `openai@ws_1`. */
  readonly provider: string
  /** As the provider names it. */
  readonly model: string
}

export type StoredResponse = KeptResponse | RelayedResponse

/** Keeps responses for a time, each for its owner. All that is kept is bounded: beyond that the oldest goes. */
export interface ResponseStore {
  /** In place of one of the same owner and id. Those in `builtOn`, of the same owner, then stay as long as it. */
  save(response: StoredResponse, builtOn?: readonly string[]): Promise<void>
  /** `undefined` when there is none of this owner, or it has expired. */
  find(id: string, owner: string): Promise<StoredResponse | undefined>
  /** Whether anybody owns one of this id. */
  has(id: string): Promise<boolean>
  /** @returns whether there was one of this owner. */
  remove(id: string, owner: string): Promise<boolean>
  close(): Promise<void>
}

export interface ResponseStoreOptions {
  /** Milliseconds. */
  readonly ttl: number
  readonly maxBytes: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** What it counts for, about. */
export function sizeOf(response: StoredResponse): number {
  const said = response.kind === 'kept' ? response.input.length + response.response.length : 0
  return said + 256
}
