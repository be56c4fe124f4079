import type { Answer } from './answer.ts'
import type { Target } from './target.ts'

/** Decides on each attempt before it is made. */
export interface AttemptGate {
  /**
   * Throws or rejects with a `SluiceError` for an attempt that is not to be made: the route goes on as after a failure.
   * @returns what hears how the attempt went; `undefined`: nobody wants to.
   */
  enter(target: Target): AttemptPass | undefined | Promise<AttemptPass | undefined>
}

/** Hears how one attempt went; one of the two is called, once. */
export interface AttemptPass {
  /** The answer may still break off. */
  answered(answer: Answer): void
  failed(): void
}
