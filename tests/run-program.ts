import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

export interface ProgramOptions {
  readonly folder: string
  /** All of it. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** What a program wrote. */
export interface Said {
  readonly said: string
  /** To stderr. */
  readonly remarks: string
}

/** Runs a program to its end, without input. @throws Error with what it wrote, when it fails. */
export async function runProgram(program: string, words: readonly string[], options: ProgramOptions): Promise<Said> {
  const { folder, environment } = options
  const child = spawn(program, words, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  const [[code], said, remarks] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)])
  if (code !== 0) throw new Error(`${words.at(-1) ?? program} ended with ${String(code)}: ${remarks}${said}`)
  return { said, remarks }
}
