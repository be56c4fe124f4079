import { Agent, request } from 'node:http'
import { path } from '../payloads.ts'
import type { Running } from '../contenders/contender.ts'

export interface StreamTimes {
  /** Milliseconds from sending to the first byte of the answer's body. */
  readonly firstByte: number
  /** Milliseconds from sending to the answer's end. */
  readonly total: number
  /** How many pieces it arrived in. */
  readonly reads: number
  readonly body: string
}

export function keepAliveAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 })
}

/** Reads one answer to its end. Fails unless it is a 200. */
export function readStream(running: Running, body: string, agent: Agent): Promise<StreamTimes> {
  return new Promise((resolve, reject) => {
    let firstByte = 0
    const pieces: Buffer[] = []
    const outgoing = request(running.origin + path, { method: 'POST', agent, headers: headersFor(running, body) })
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      response.on('data', (piece: Buffer) => {
        if (pieces.push(piece) === 1) firstByte = performance.now() - sent
      })
      response.on('error', reject)
      response.on('end', () => {
        const total = performance.now() - sent
        const text = Buffer.concat(pieces).toString()
        if (response.statusCode === 200) resolve({ firstByte, total, reads: pieces.length, body: text })
        else reject(new Error(`${running.name} answered ${response.statusCode}: ${text.slice(0, 500)}`))
      })
    })
    const sent = performance.now()
    outgoing.end(body)
  })
}

/** Opens `count` streams at once; resolves with a function that closes them, when each has brought its first bytes. */
export async function openStreams(running: Running, body: string, count: number): Promise<() => void> {
  const agent = new Agent({ keepAlive: false })
  const open = Array.from(
    { length: count },
    () =>
      new Promise<() => void>((resolve, reject) => {
        const outgoing = request(running.origin + path, { method: 'POST', agent, headers: headersFor(running, body) })
        outgoing.on('error', reject)
        outgoing.on('response', (response) => {
          response.on('error', () => undefined)
          response.once('data', () => resolve(() => outgoing.destroy()))
          if (response.statusCode !== 200) reject(new Error(`${running.name} answered ${response.statusCode}`))
        })
        outgoing.end(body)
      }),
  )
  const closers = await Promise.all(open)
  return () => closers.forEach((close) => close())
}

function headersFor(running: Running, body: string): Record<string, string> {
  return { ...running.headers, 'content-length': String(Buffer.byteLength(body)) }
}
