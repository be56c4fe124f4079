import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

export const examplesFolder: string = join(import.meta.dirname, '../../examples')

export interface ExampleRun {
  readonly said: string
  /** Standard error. */
  readonly remarks: string
}

export interface ExampleOptions {
  readonly environment: Readonly<Record<string, string>>
  /** Words of the command line. */
  readonly words?: readonly string[]
  /** Where it is run. */
  readonly folder: string
}

/** Runs an example as a newcomer does, in a process of its own. Rejects when it ends badly. */
export async function runExample(
  name: string,
  { environment, words = [], folder }: ExampleOptions,
): Promise<ExampleRun> {
  const file = join(examplesFolder, name)
  const child = spawn(process.execPath, ['--conditions=sluice-source', file, ...words], {
    cwd: folder,
    env: { ...environment },
  })
  const [[code], said, remarks] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)])
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${remarks}`)
  return { said, remarks }
}
