import type { AnswerSubject } from './answer-store.ts'
import { type KeptAnswer, sizeOf } from './kept-answer.ts'
import type { RedisCommands } from './redis-commands.ts'

/** What is kept in Redis, of one generation: which answers there are can be asked of no Redis, least of all of a cluster. */
export interface RedisAnswerIndex {
  /** @param life milliseconds. */
  add(generation: string, key: string, answer: KeptAnswer, life: number): Promise<void>
  /** What may be there yet, some at a time. */
  list(generation: string): AsyncIterable<readonly IndexedAnswer[]>
  remove(generation: string, keys: readonly string[]): Promise<void>
}

export interface IndexedAnswer extends AnswerSubject {
  readonly key: string
  readonly bytes: number
}

// KEYS: a sorted set of answers by when they end, and a hash of what is known of them. ARGV: now; then, of an answer to be
// added, its end, key, description and life. Returns how many had ended.
const addScript = `
local gone = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 1000)
if #gone > 0 then
  redis.call('ZREM', KEYS[1], unpack(gone))
  redis.call('HDEL', KEYS[2], unpack(gone))
end
if ARGV[2] then
  redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
  redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
end
return #gone`

export function createRedisAnswerIndex(redis: RedisCommands, prefix: string): RedisAnswerIndex {
  // One tag for both: a script sees the keys of one node of a cluster.
  const placesOf = (generation: string): readonly [string, string] => [
    `${prefix}{${generation}}:ends`,
    `${prefix}{${generation}}:about`,
  ]

  async function run(generation: string, values: readonly string[]): Promise<number> {
    const places = placesOf(generation)
    return Number(await redis.command(places[0], ['EVAL', addScript, '2', ...places, String(Date.now()), ...values]))
  }

  return {
    async add(generation, key, answer, life) {
      await run(generation, [String(Date.now() + life), key, describe(answer), String(life)])
    },
    async *list(generation) {
      for (let ended = 1; ended > 0;) ended = await run(generation, [])
      const [, place] = placesOf(generation)
      for (let cursor = ''; cursor !== '0';) {
        const [next, found] = (await redis.command(place, [
          'HSCAN',
          place,
          cursor === '' ? '0' : cursor,
          'COUNT',
          '1000',
        ])) as [string, string[]]
        cursor = String(next)
        const answers: IndexedAnswer[] = []
        for (let index = 0; index + 1 < found.length; index += 2)
          answers.push(read(String(found[index]), String(found[index + 1])))
        yield answers
      }
    },
    async remove(generation, keys) {
      if (keys.length === 0) return
      const [ends, about] = placesOf(generation)
      await redis.command(ends, ['ZREM', ends, ...keys])
      await redis.command(about, ['HDEL', about, ...keys])
    },
  }
}

function describe(answer: KeptAnswer): string {
  const { provider, model, asker } = answer
  return JSON.stringify([sizeOf(answer), provider, model, asker])
}

function read(key: string, text: string): IndexedAnswer {
  const [bytes, provider, model, asker] = JSON.parse(text) as [number, string, string, KeptAnswer['asker']]
  return { key, bytes, provider, model, asker }
}
