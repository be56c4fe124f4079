import { SluiceError } from '@sluice/protocol'
import { CommanderError } from 'commander'
import { createProgram } from './program.ts'
import type { Terminal } from './terminal.ts'

/**
 * Runs one command line, without the names of node and of the script.
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage or configuration.
 */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const program = createProgram(terminal)
    if (words.length === 0) {
      program.outputHelp()
      return 0
    }
    await program.parseAsync([...words], { from: 'user' })
    return 0
  } catch (error) {
    // Commander has told these already: help and version too end in one, with the code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    return report(error, words.includes('--json'), terminal)
  }
}

/** Tells why a command failed, without the inside of the program. */
function report(error: unknown, json: boolean, terminal: Terminal): number {
  const code = error instanceof SluiceError ? error.code : 'internal_error'
  const message = error instanceof Error ? error.message : 'The command failed.'
  terminal.stderr.write(json ? `${JSON.stringify({ error: { code, message } })}\n` : `${message}\n`)
  return code === 'invalid_config' ? 2 : 1
}
