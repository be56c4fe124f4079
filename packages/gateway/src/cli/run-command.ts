import { PassThrough } from 'node:stream'
import type { Environment } from 'sluice'
import { run } from './run.ts'

export interface CommandOutcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly environment?: Environment
  /** Default: one without a config file. */
  readonly directory?: string
  /** What is piped in. Default: nothing. */
  readonly stdin?: string
  /** Lines typed at a terminal, each when the prompt is there. */
  readonly typed?: readonly string[]
}

/** Runs a command line in this process, as in a terminal of its own. For tests. */
export async function runCommand(words: readonly string[], options: CommandOptions = {}): Promise<CommandOutcome> {
  const { environment = {}, directory = import.meta.dirname, typed } = options
  const [stdout, stderr] = [collector(), collector()]
  const stdin: PassThrough & { isTTY?: boolean } = new PassThrough()
  if (typed === undefined) stdin.end(options.stdin ?? '')
  else {
    stdin.isTTY = true
    const waiting = [...typed]
    stdout.stream.on('data', (chunk: Buffer) => {
      if (!chunk.toString().endsWith('> ')) return
      const line = waiting.shift()
      if (line === undefined) stdin.end()
      else stdin.write(`${line}\n`)
    })
  }
  const code = await run(words, { stdout: stdout.stream, stderr: stderr.stream, stdin, environment, directory })
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

function collector(): { stream: PassThrough; text: () => string } {
  const stream = new PassThrough()
  let text = ''
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  return { stream, text: () => text }
}
