import type { AnswerStore, AnswerStoreOptions } from './answer-store.ts'
import type { KeptAnswer } from './kept-answer.ts'

/** Sends one command to wherever its key is. */
export interface RedisCommands {
  command(key: string, args: readonly string[]): Promise<unknown>
}

export interface RedisAnswerStoreOptions extends Pick<AnswerStoreOptions, 'ttl'> {
  readonly redis: RedisCommands
  /** Hears why an answer was not found or not kept, though it could have been. */
  readonly failed: (error: unknown) => void
  /** Milliseconds in which a purge is heard of elsewhere. Default 1000. */
  readonly generationLife?: number
}

const prefix = 'sluice:answers:'
const generationKey = `${prefix}generation`

/**
 * For all processes that ask the same Redis, and as much as it has room for. Redis lost is a cache that has nothing.
 * A purge begins a new generation of keys; the old ones end by their time to live.
 */
export function createRedisAnswerStore(options: RedisAnswerStoreOptions): AnswerStore {
  const { redis, ttl, failed, generationLife = 1000 } = options
  let generation: Promise<string> | undefined
  let readAt = -Infinity

  function currentGeneration(): Promise<string> {
    if (generation !== undefined && performance.now() - readAt < generationLife) return generation
    readAt = performance.now()
    const reading = redis
      .command(generationKey, ['GET', generationKey])
      .then((text) => (typeof text === 'string' ? text : '0'))
    reading.catch(() => (generation = undefined))
    return (generation = reading)
  }

  async function keyOf(key: string): Promise<string> {
    return `${prefix}${await currentGeneration()}:${key}`
  }

  return {
    async get(key) {
      try {
        const place = await keyOf(key)
        const text = await redis.command(place, ['GET', place])
        return typeof text === 'string' ? read(text) : undefined
      } catch (error) {
        failed(error)
        return undefined
      }
    },
    async set(key, answer) {
      try {
        const place = await keyOf(key)
        await redis.command(place, ['SET', place, write(answer), 'PX', String(ttl)])
      } catch (error) {
        failed(error)
      }
    },
    async purge() {
      generation = undefined
      await redis.command(generationKey, ['INCR', generationKey])
    },
  }
}

function write(answer: KeptAnswer): string {
  const pieces = answer.pieces.map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
  )
  return JSON.stringify({ ...answer, pieces })
}

function read(text: string): KeptAnswer {
  const { pieces, ...rest } = JSON.parse(text) as Omit<KeptAnswer, 'pieces'> & { readonly pieces: readonly string[] }
  return { ...rest, pieces: pieces.map((piece) => Buffer.from(piece, 'base64')) }
}
