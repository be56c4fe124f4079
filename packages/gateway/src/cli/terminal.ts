import process from 'node:process'
import type { Environment } from 'sluice'

/** What a command meets of the world; replaced as a whole in tests. */
export interface Terminal {
  /** Results. */
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean }
  /** Errors and remarks, so that results can be piped. */
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean }
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly environment: Environment
  /** The working directory. */
  readonly directory: string
}

export function processTerminal(): Terminal {
  const { stdout, stderr, stdin, env: environment } = process
  return { stdout, stderr, stdin, environment, directory: process.cwd() }
}
