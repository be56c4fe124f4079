import { Writable } from 'node:stream'
import type { Environment } from 'sluice'
import { run } from './run.ts'

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A command in this process, with nothing in its environment but what is given. */
export async function runForTests(
  words: readonly string[],
  environment: Environment,
  directory: string,
): Promise<Outcome> {
  const said = { stdout: '', stderr: '' }
  const into = (name: keyof typeof said): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        said[name] += chunk.toString()
        done()
      },
    })
  const code = await run(words, {
    stdout: into('stdout'),
    stderr: into('stderr'),
    stdin: process.stdin,
    environment,
    directory,
  })
  return { code, ...said }
}

/** What a command prints; fails with what it complains of. */
export async function printed(words: readonly string[], environment: Environment, directory: string): Promise<string> {
  const { code, stdout, stderr } = await runForTests(words, environment, directory)
  if (code !== 0) throw new Error(stdout + stderr)
  return stdout
}
