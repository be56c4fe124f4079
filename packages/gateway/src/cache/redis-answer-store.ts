import { type AnswerStore, type AnswerStoreOptions, fitsFilter } from './answer-store.ts'
import type { KeptAnswer } from './kept-answer.ts'
import { createRedisAnswerIndex } from './redis-answer-index.ts'
import type { RedisCommands } from './redis-commands.ts'

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
  const index = createRedisAnswerIndex(redis, prefix)

  function currentGeneration(): Promise<string> {
    if (generation !== undefined && performance.now() - readAt < generationLife) return generation
    readAt = performance.now()
    const reading = redis
      .command(generationKey, ['GET', generationKey])
      .then((text) => (typeof text === 'string' ? text : '0'))
    reading.catch(() => (generation = undefined))
    return (generation = reading)
  }

  const placeIn = (era: string, key: string): string => `${prefix}${era}:${key}`

  async function keyOf(key: string): Promise<string> {
    return placeIn(await currentGeneration(), key)
  }

  async function contents(): Promise<{ readonly entries: number; readonly bytes: number }> {
    let entries = 0
    let bytes = 0
    for await (const some of index.list(await currentGeneration())) {
      entries += some.length
      for (const one of some) bytes += one.bytes
    }
    return { entries, bytes }
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
        const era = await currentGeneration()
        const place = placeIn(era, key)
        await redis.command(place, ['SET', place, write(answer), 'PX', String(ttl)])
        await index.add(era, key, answer, ttl)
      } catch (error) {
        failed(error)
      }
    },
    contents,
    async purge(which) {
      generation = undefined
      if (which === undefined || Object.values(which).every((value) => value === undefined)) {
        const { entries } = await contents()
        generation = undefined
        await redis.command(generationKey, ['INCR', generationKey])
        return entries
      }
      const era = await currentGeneration()
      let count = 0
      for await (const some of index.list(era)) {
        const keys = some.filter((one) => fitsFilter(one, which)).map(({ key }) => key)
        await Promise.all(
          keys.map((key) => {
            const place = placeIn(era, key)
            return redis.command(place, ['UNLINK', place])
          }),
        )
        await index.remove(era, keys)
        count += keys.length
      }
      return count
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
