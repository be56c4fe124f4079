/** A lock among all that work on one database, held until it is released, or the process ends however it ends. */
export interface DatabaseLock {
  /** Asks whether it is still this process's: where the connection that held it is gone, it may be another's. */
  isHeld(): Promise<boolean>
  release(): Promise<void>
}
