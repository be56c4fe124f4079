import { join } from 'node:path'
import type { Generator } from './generator.ts'

export interface FileAccess {
  /** `undefined` when there is no such file. */
  readonly read: (path: string) => Promise<string | undefined>
  /** Left out when files are only to be compared. */
  readonly write: ((path: string, text: string) => Promise<void>) | undefined
}

/** Runs generators and tells which files were, or would be, changed. */
export async function runGenerators(
  generators: readonly Generator[],
  root: string,
  files: FileAccess,
): Promise<readonly string[]> {
  const changed: string[] = []
  for (const generate of generators) {
    for (const file of await generate(root)) {
      const path = join(root, file.path)
      if ((await files.read(path)) === file.text) continue
      await files.write?.(path, file.text)
      changed.push(path)
    }
  }
  return changed
}
