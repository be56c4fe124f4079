/** Word between processes that something was changed of what is kept of keys, users, sites and rules. */
export interface Changes {
  /** From now on, also after the way was lost. @param heard of a change elsewhere, and whenever one may have been missed. */
  listen(heard: () => void): void
  /** Something was changed here. Absent where the store tells by itself. */
  tell?(): void
  close(): Promise<void>
}
