import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'

export interface SteadyLoadOptions {
  /** Base URLs without a path; callers take them in turn. */
  readonly gateways: readonly string[]
  /** Callers take them in turn. */
  readonly keys: readonly string[]
  /** At the same time, every other of them with streams. */
  readonly callers: number
  /** About, of all callers together. */
  readonly requestsPerSecond: number
}

export interface Heard {
  /** Of the request. */
  readonly id: string
  readonly stream: boolean
  /** 0 without an answer. */
  readonly status: number
  /** Its last byte arrived; a stream's after it had said all. */
  readonly whole: boolean
  /** A stream had said all, though its last byte may not have arrived. */
  readonly saidAll: boolean
  /** Of an error's body. */
  readonly code: string | undefined
}

/** Callers who ask and ask, from when it is made until it is stopped. */
export interface SteadyLoad {
  /** What callers heard so far, in the order in which it ended. */
  readonly heard: readonly Heard[]
  /** Resolves when the last answer is there. Idempotent. */
  stop(): Promise<void>
}

export function startSteadyLoad(options: SteadyLoadOptions): SteadyLoad {
  const { gateways, keys, callers, requestsPerSecond } = options
  const agent = new Agent({ keepAlive: true })
  const heard: Heard[] = []
  const started = performance.now()
  let asked = 0
  let going = true

  async function call(caller: number): Promise<void> {
    while (going) {
      // As many as should have been asked by now, and no more.
      if (asked >= ((performance.now() - started) / 1000) * requestsPerSecond) {
        await wait(5)
        continue
      }
      const number = asked++
      const url = gateways[number % gateways.length]!
      heard.push(
        await askOnce({ url, agent, key: keys[caller % keys.length]!, id: `load-${number}`, stream: caller % 2 === 0 }),
      )
    }
  }
  const done = Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)))

  return {
    heard,
    async stop() {
      going = false
      await done
      agent.destroy()
    },
  }
}

export interface Asking {
  readonly url: string
  readonly key: string
  readonly id: string
  readonly stream: boolean
  readonly agent?: Agent
}

/** Never rejects: without an answer the status is 0. */
export function askOnce({ url, key, id, stream, agent }: Asking): Promise<Heard> {
  return new Promise((resolve) => {
    let text = ''
    const end = (status: number, complete: boolean): void => {
      const code = /"code":\s*"([a-z_]+)"/.exec(text)?.[1]
      const saidAll = stream && text.includes('[DONE]')
      const whole = status === 200 && complete && (!stream || saidAll)
      resolve({ id, stream, status, whole, saidAll, code: status === 200 ? undefined : code })
    }
    const call = request(`${url}/v1/chat/completions`, {
      method: 'POST',
      ...(agent !== undefined && { agent }),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, 'x-request-id': id },
    })
    call.on('error', () => end(0, false))
    call.on('response', (response) => {
      response.setEncoding('latin1')
      response.on('data', (more: string) => (text = (text + more).slice(-4_000)))
      response.on('error', () => undefined)
      response.on('close', () => end(response.statusCode ?? 0, response.complete))
    })
    call.end(JSON.stringify({ model: 'small', stream, messages: [{ role: 'user', content: 'Hello there' }] }))
  })
}
