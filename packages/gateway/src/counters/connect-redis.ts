import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, createCluster, type RedisClientOptions } from '@redis/client'
import type { Logger } from 'pino'
import type { Secret } from 'sluice'
import type { ScriptRunner } from './redis-counters.ts'

/** A Redis, a Valkey or a cluster of them. */
export interface RedisConnection extends ScriptRunner {
  /** Resolves when it is there, or cannot be reached by now. */
  ready(): Promise<void>
  /** Sends one command to wherever its key is. */
  command(key: string, args: readonly string[]): Promise<unknown>
  close(): Promise<void>
}

/** Milliseconds that an answer may take; longer, and it counts as lost. */
const patience = 1_000
/** The client's own makes a signal and a timer for each command; see `Deadlines`. */
const withoutTimeout = { timeout: 0 }

/**
 * Reaches for Redis now, and again whenever it is lost. What is asked while it is not there fails at once.
 * @throws nothing: whether it is there is seen when it is asked.
 */
export function connectRedis(url: Secret, logger: Logger): RedisConnection {
  const options: RedisClientOptions = {
    url: url.reveal(),
    disableOfflineQueue: true,
    commandOptions: withoutTimeout,
    socket: { connectTimeout: patience, reconnectStrategy: (tries: number) => Math.min(50 * 2 ** tries, 1_000) },
  }
  const client = createClient(options)
  const deadlines = new Deadlines()
  let complained = false
  let closed = false
  let send = (args: string[], _key: string): Promise<unknown> => client.sendCommand(args)
  let closeCluster: (() => unknown) | undefined

  const onError = (error: unknown): void => {
    // Its message may name the host, never the password.
    if (!complained && !closed) logger.warn({ err: error }, 'Redis cannot be reached. It is tried again until it can.')
    complained = true
  }
  client.on('error', onError)
  client.on('ready', () => (complained = false))
  const first = client.connect().then(joinCluster).catch(onError)

  async function joinCluster(): Promise<void> {
    const about = await client.sendCommand<string>(['INFO', 'cluster'])
    if (!about.includes('cluster_enabled:1')) return
    const { username, password } = new URL(url.reveal())
    const cluster = createCluster({
      // It is asked for the other nodes only, and an answer that does not come would be waited for for ever.
      rootNodes: [{ url: url.reveal(), socket: { socketTimeout: patience } }],
      commandOptions: withoutTimeout,
      defaults: {
        ...(username !== '' && { username: decodeURIComponent(username) }),
        ...(password !== '' && { password: decodeURIComponent(password) }),
        disableOfflineQueue: true,
      },
    })
    cluster.on('error', onError)
    let leaving: NodeJS.Timeout | undefined
    closeCluster = () => {
      cluster.destroy()
      // Nodes that it gets to know of later are connected to all the same.
      leaving = setInterval(() => cluster.destroy(), patience / 10)
    }
    await cluster.connect().finally(() => {
      closeCluster = undefined
      clearInterval(leaving)
    })
    if (closed) return cluster.destroy()
    closeCluster = () => cluster.close()
    send = (args, key) => cluster.sendCommand(key, false, args)
  }

  return {
    ready: () => Promise.race([first, sleep(patience, undefined, { ref: false })]),
    async run({ sha, text }, keys, values) {
      const [first = ''] = keys
      const rest = [String(keys.length), ...keys, ...values]
      try {
        return await deadlines.within(send(['EVALSHA', sha, ...rest], first))
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
        return deadlines.within(send(['EVAL', text, ...rest], first))
      }
    },
    command: (key, args) => deadlines.within(send([...args], key)),
    async close() {
      closed = true
      deadlines.close()
      await closeCluster?.()
      client.destroy()
    },
  }
}

interface Waiting {
  readonly since: number
  reject(error: Error): void
}

/** One timer for all that is waited for. */
class Deadlines {
  readonly #waiting = new Set<Waiting>()
  #timer: NodeJS.Timeout | undefined

  within<T>(answer: Promise<T>): Promise<T> {
    this.#timer ??= setInterval(() => this.#look(), patience / 4).unref()
    return new Promise((resolve, reject) => {
      const waiting = { since: performance.now(), reject }
      this.#waiting.add(waiting)
      answer.then(resolve, reject).finally(() => this.#waiting.delete(waiting))
    })
  }

  #look(): void {
    const now = performance.now()
    for (const waiting of this.#waiting) {
      // In the order in which they were asked.
      if (now - waiting.since < patience) return
      this.#waiting.delete(waiting)
      waiting.reject(new Error(`Redis did not answer within ${patience} ms.`))
    }
    if (this.#waiting.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  close(): void {
    clearInterval(this.#timer)
    for (const { reject } of this.#waiting) reject(new Error('The connection is closed.'))
    this.#waiting.clear()
  }
}
