import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { path } from '../payloads.ts'
import type { Running } from '../contenders/contender.ts'

const script = `${import.meta.dirname}/load.lua`

export interface Load {
  readonly bodyFile: string
  /** Default: that of chat completions. */
  readonly path?: string
  readonly connections: number
  /** Ends after so many requests, or so many seconds if they come first. */
  readonly requests: number
  readonly seconds: number
  /** Milliseconds that a connection rests between two requests, on average; absent, not at all. */
  readonly pause?: number
  /** Let every request that was sent come to its end; for when one is long. */
  readonly finish?: boolean
}

export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  readonly bytes: number
  /** Microseconds. */
  readonly medianLatency: number
  /** The 99th percentile, in microseconds. */
  readonly highLatency: number
}

/** Puts load on a contender with wrk; any failed request or status other than success fails the run. */
export async function wrk(running: Running, load: Load): Promise<LoadResult> {
  const headers = Object.entries(running.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const unfinished = load.finish === true ? load.connections : 0
  const { stdout } = await promisify(execFile)('wrk', [
    '--threads',
    '1',
    '--connections',
    String(load.connections),
    '--duration',
    `${load.seconds}s`,
    '--timeout',
    '30s',
    '--script',
    script,
    ...headers,
    running.origin + (load.path ?? path),
    '--',
    load.bodyFile,
    String(load.requests),
    String(load.pause ?? 0),
    String(unfinished),
  ])
  const line = /^result (.*)$/m.exec(stdout)?.[1]
  if (line === undefined) throw new Error(`wrk printed no result:\n${stdout}`)
  const result = JSON.parse(line) as LoadResult & { failures: number }
  if (result.failures > 0 || result.requests === 0) {
    throw new Error(`${running.name}: ${result.failures} failures, ${result.requests} answers`)
  }
  return result
}
