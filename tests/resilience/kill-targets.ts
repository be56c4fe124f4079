import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import OpenAI from 'openai'
import { startSimulator } from '@sluice/simulator'
import { startTestGateway } from '../start-test-gateway.ts'

export interface KillOptions {
  /** By turns whole and streamed. */
  readonly requests: number
  /** At the same time. */
  readonly concurrency: number
  /** Of one target after the other, spread over the requests. */
  readonly kills: number
  /** The route's. */
  readonly continuation: boolean
}

export interface KillReport {
  readonly kills: number
  /** Requests that were answered well. */
  readonly whole: number
  readonly streamed: number
  /** What the others failed with before anything was said. */
  readonly errors: readonly string[]
  /** What streams broke off with after some of their words. */
  readonly cut: readonly string[]
  /** Calls by provider, as the gateway counts them. */
  readonly upstreamCalls: Readonly<Record<string, number>>
  /** Attempts that failed, by what failed. */
  readonly failures: Readonly<Record<string, number>>
  /** Those of which no caller heard. */
  readonly absorbed: number
}

const targets = ['first', 'second'] as const
const text = 'Still here, and well.'

/** Clients with the official SDK, which repeats nothing itself, while providers die and come back. */
export async function killTargets(options: KillOptions): Promise<KillReport> {
  const { requests, concurrency, kills, continuation } = options
  const ports = [await unusedPort(), await unusedPort()] as const
  const running = await Promise.all(ports.map(startTarget))
  await using test = await startTestGateway({
    providers: () =>
      Object.fromEntries(
        targets.map((name, index) => [
          name,
          {
            type: 'openai_compatible',
            base_url: `http://127.0.0.1:${ports[index]}/v1`,
            api_key: 'upstream-key',
            max_retries: 2,
            models_path: null,
          },
        ]),
      ),
    config: {
      routes: {
        steady: { strategy: 'round-robin', targets: targets.map((name) => `${name}/small`), continuation },
      },
      // It is known to come back soon.
      routing: { retry_reserve: 10_000, breaker: { open_for: 0.2, longest_open: 0.5 } },
    },
  })
  const client = new OpenAI({ baseURL: test.url, apiKey: 'any', maxRetries: 0 })

  let begun = 0
  let done = 0
  let whole = 0
  let streamed = 0
  const errors: string[] = []
  const cut: string[] = []

  async function caller(): Promise<void> {
    while (begun < requests) {
      if (begun++ % 2 === 0) {
        await askWhole(client).then(
          () => whole++,
          (error: Error) => errors.push(error.message),
        )
      } else {
        const heard = await askStream(client)
        if (heard.error === undefined) streamed++
        else if (heard.text === '') errors.push(heard.error)
        else cut.push(heard.error)
      }
      done++
    }
  }

  let killed = 0
  async function killer(): Promise<void> {
    for (; killed < kills; killed++) {
      const due = ((killed + 0.5) / kills) * requests
      while (done < due) await pause(2)
      const index = killed % targets.length
      await kill(running[index]!)
      // Long enough for many requests to meet a closed door.
      await pause(100)
      running[index] = await startTarget(ports[index]!)
    }
  }

  try {
    await Promise.all([killer(), ...Array.from({ length: concurrency }, caller)])
  } finally {
    await Promise.all(running.map(kill))
  }
  const { upstreamCalls, failures } = await readCounts(test.gateway.url)
  const absorbed = sum(Object.values(failures)) - errors.length - cut.length
  return { kills: killed, whole, streamed, errors, cut, upstreamCalls, failures, absorbed }
}

async function askWhole(client: OpenAI): Promise<void> {
  const { choices } = await client.chat.completions.create({
    model: 'steady',
    messages: [{ role: 'user', content: '?' }],
  })
  if (choices[0]?.message.content !== text) throw new Error(`an answer of another: ${choices[0]?.message.content}`)
}

async function askStream(client: OpenAI): Promise<{ readonly text: string; readonly error?: string }> {
  let heard = ''
  try {
    const stream = await client.chat.completions.create({
      model: 'steady',
      messages: [{ role: 'user', content: '?' }],
      stream: true,
    })
    for await (const { choices } of stream) heard += choices[0]?.delta.content ?? ''
    return heard === text ? { text: heard } : { text: heard, error: `a stream with other words: ${heard}` }
  } catch (error) {
    return { text: heard, error: (error as Error).message }
  }
}

interface Summary {
  readonly provider: string
  readonly calls: number
  readonly errors: Readonly<Record<string, number>>
}

async function readCounts(origin: string): Promise<Pick<KillReport, 'upstreamCalls' | 'failures'>> {
  const response = await fetch(`${origin}/api/llm/metrics/providers`)
  const { data } = (await response.json()) as { readonly data: readonly Summary[] }
  const failures: Record<string, number> = {}
  for (const { errors } of data)
    for (const [code, count] of Object.entries(errors)) failures[code] = (failures[code] ?? 0) + count
  return { upstreamCalls: Object.fromEntries(data.map(({ provider, calls }) => [provider, calls])), failures }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

const simulatorProgram = join(import.meta.dirname, '../../packages/simulator/src/main.ts')

/** Answers after 4 ms, streams in pieces 1 ms apart. */
function startTarget(port: number): Promise<ChildProcess> {
  const behaviour = JSON.stringify({ reply: { text: ['Still ', 'here, ', 'and ', 'well.'] } })
  const timing = ['--latency', '4', '--gap', '1']
  const words = ['--conditions=sluice-source', simulatorProgram, '--port', String(port), '--behaviour', behaviour]
  const child = spawn(process.execPath, [...words, ...timing], { stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`The simulator ended with ${code}.`)))
    child.stdout?.once('data', () => resolve(child))
  })
}

function kill(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

async function unusedPort(): Promise<number> {
  const simulator = await startSimulator()
  await simulator.close()
  return simulator.port
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
