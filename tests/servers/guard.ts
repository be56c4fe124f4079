// Runs the server that its argument describes until its own stdin ends, then stops it and removes its folder; the
// word `keep` on stdin leaves the folder. See server-process.ts.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import process from 'node:process'
import type { ServerProgram } from './server-process.ts'

const { command, args, folder, owner, stopSignal } = JSON.parse(process.argv[2] ?? '') as ServerProgram

const server = spawn(command, args, { cwd: folder, ...owner, stdio: ['ignore', 'pipe', 'pipe'] })
for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk: Buffer) => process.stdout.write(chunk))
// Nobody reads it any more.
process.stdout.on('error', () => {})

let word = ''
process.stdin.on('data', (chunk: Buffer) => (word += chunk.toString()))
process.stdin.on('close', () => server.kill(stopSignal))
process.on('SIGTERM', () => server.kill(stopSignal))
server.on('error', (error) => {
  process.stdout.write(error.message)
  process.exitCode = 1
})
server.on('close', () => {
  if (word !== 'keep') rmSync(folder, { recursive: true, force: true })
  process.exit()
})
