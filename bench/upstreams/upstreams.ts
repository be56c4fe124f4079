import { mkdirSync, readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { cleanEnvironment, loadCore } from '../contenders/contender.ts'
import { nginxCommand } from '../measure/nginx.ts'
import { freePort, type Processes, type StartedProcess } from '../measure/processes.ts'
import { chatAnswer } from '../payloads.ts'

export interface Upstream extends StartedProcess {
  readonly origin: string
}

/** nginx, answering every request with the same chat completion of `answerBytes` bytes. */
export async function startAnswering(processes: Processes, directory: string, answerBytes: number): Promise<Upstream> {
  mkdirSync(directory, { recursive: true })
  const port = await freePort()
  const command = nginxCommand(
    directory,
    cleanEnvironment(directory),
    `
    server {
      listen 127.0.0.1:${port};
      location / { default_type application/json; return 200 '${chatAnswer(answerBytes)}'; }
    }`,
  )
  const logFile = `${directory}/output.log`
  return started(port, processes.start(loadCore, command, logFile), logFile)
}

export interface StreamShape {
  readonly chunks: number
  /** Milliseconds between two chunks; 0 for as fast as the socket takes them. */
  readonly gap: number
  /** Leave every stream open after its first event. */
  readonly hold?: boolean
}

/** A small Node server of our own that streams events prepared in advance. */
export async function startStreaming(processes: Processes, directory: string, shape: StreamShape): Promise<Upstream> {
  mkdirSync(directory, { recursive: true })
  const port = await freePort()
  const command = {
    program: process.execPath,
    arguments: [
      `${import.meta.dirname}/stream-server.ts`,
      '--port',
      String(port),
      '--chunks',
      String(shape.chunks),
      '--gap',
      String(shape.gap),
      ...(shape.hold === true ? ['--hold'] : []),
    ],
    environment: cleanEnvironment(directory),
  }
  const logFile = `${directory}/output.log`
  return started(port, processes.start(loadCore, command, logFile), logFile)
}

async function started(port: number, process: StartedProcess, logFile: string): Promise<Upstream> {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (await accepts(port)) return { ...process, origin: `http://127.0.0.1:${port}` }
    await sleep(10)
  }
  throw new Error(`the upstream on port ${port} did not start:\n${readFileSync(logFile, 'utf8').slice(-2000)}`)
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
