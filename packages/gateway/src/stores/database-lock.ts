/** A lock among all that work on one database, held until it is released, or the process ends however it ends. */
export interface DatabaseLock {
  /** Whether it may be another's by now: the connection that held it is gone. */
  readonly lost: boolean
  release(): Promise<void>
}
