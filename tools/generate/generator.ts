/** Makes files from other files of the repository. The same input gives the same text. */
export type Generator = (root: string) => Promise<readonly GeneratedFile[]>

export interface GeneratedFile {
  /** Relative to the root. */
  readonly path: string
  readonly text: string
}
