import type { Project } from './project.ts'

/** One thing that is wrong, at its place. */
export interface Finding {
  /** Relative to the root, with forward slashes. */
  readonly file: string
  /** From 1. */
  readonly line?: number
  readonly message: string
}

export interface Check {
  readonly name: string
  /** How to put right what it finds. */
  readonly fix: string
  run(project: Project): readonly Finding[] | Promise<readonly Finding[]>
}
