import { join } from 'node:path'
import { type ProgramOptions, runProgram, type Said } from '../run-program.ts'

export const examplesFolder: string = join(import.meta.dirname, '../../examples')

export interface ExampleOptions extends ProgramOptions {
  /** Words of the command line. */
  readonly words?: readonly string[]
}

/** Runs an example as a newcomer does, in a process of its own. Rejects when it ends badly. */
export function runExample(name: string, { words = [], ...options }: ExampleOptions): Promise<Said> {
  return runProgram(process.execPath, ['--conditions=sluice-source', join(examplesFolder, name), ...words], options)
}
