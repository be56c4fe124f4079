import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** Bytes. */
export interface Memory {
  /** By living objects, and by what they hold outside the heap. */
  readonly held: number
  readonly resident: number
}

/** `sluice serve` in a process of its own that says what memory it holds. */
export interface WatchedGateway extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  memory(): Promise<Memory>
}

const main = join(import.meta.dirname, '../../packages/gateway/src/cli/main.ts')

/** @param folder where its config is written and its data kept. */
export async function startWatchedGateway(folder: string, config: object): Promise<WatchedGateway> {
  const configFile = join(folder, 'sluice.json')
  writeFileSync(configFile, JSON.stringify(config))
  const child = spawn(
    process.execPath,
    [
      '--expose-gc',
      '--conditions=sluice-source',
      `--import=${join(import.meta.dirname, 'report-memory.mjs')}`,
      main,
      'serve',
      '--json',
      '--config',
      configFile,
    ],
    {
      cwd: folder,
      env: { SLUICE_PORT: '0', SLUICE_FIND_LOCAL_SERVERS: 'false', LOG_LEVEL: 'silent' },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  )
  const exited = once(child, 'exit')
  const url = await listeningAt(child, exited)
  return {
    url,
    async memory() {
      const answer = once(child, 'message')
      child.send('memory')
      const [memory] = await Promise.race([answer, exited.then(() => [undefined])])
      if (memory === undefined) throw new Error('The gateway ended.')
      return memory as Memory
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

async function listeningAt(child: ChildProcess, exited: Promise<unknown>): Promise<string> {
  const line = once(createInterface(child.stdout!), 'line')
  const [text] = (await Promise.race([line, exited.then(() => [])])) as readonly unknown[]
  if (typeof text !== 'string') throw new Error('The gateway ended before it listened.')
  return (JSON.parse(text) as { readonly url: string }).url
}
