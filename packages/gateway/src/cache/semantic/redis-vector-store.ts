import type { RedisCommands } from '../redis-commands.ts'
import type { ScopeVectors } from './scope-vectors.ts'
import { Scopes } from './scopes.ts'
import { mostOfScope, type VectorStore } from './vector-store.ts'

export interface RedisVectorStoreOptions {
  readonly redis: RedisCommands
  /** Milliseconds after the last vector of a scope that all of them are kept. */
  readonly ttl: number
  /** Of all scopes that are looked at here. */
  readonly mostVectors: number
  /** Hears why something was not found or not kept, though it could have been. */
  readonly failed: (error: unknown) => void
}

const prefix = 'sluice:vectors:'

/**
 * For all processes that ask the same Redis: each scope is a stream, of which every process reads what it has not read yet, so
 * that a look costs what is new and needs no module of Redis. Without Redis, nothing is found: the answers are there too, and
 * what leads to none would be dropped.
 */
export function createRedisVectorStore({ redis, ttl, mostVectors, failed }: RedisVectorStoreOptions): VectorStore {
  const scopes = new Scopes(mostVectors)

  /** `undefined` where Redis cannot be asked. */
  async function read(scope: string): Promise<ScopeVectors | undefined> {
    const key = prefix + scope
    const known = scopes.open(scope)
    const from = known.readUpTo === undefined ? '-' : `(${known.readUpTo}`
    try {
      const entries = await redis.command(key, ['XRANGE', key, from, '+', 'COUNT', String(mostOfScope)])
      for (const [id, [, name, , text]] of entries as readonly StreamEntry[]) {
        known.readUpTo = id
        scopes.add(scope, name, fromText(text))
      }
      return known
    } catch (error) {
      failed(error)
      return undefined
    }
  }

  return {
    nearest: async (scope, vector, atLeast) => (await read(scope))?.nearest(vector, atLeast) ?? [],
    async add(scope, name, vector) {
      const key = prefix + scope
      try {
        await redis.command(key, ['XADD', key, 'MAXLEN', String(mostOfScope), '*', 'k', name, 'v', toText(vector)])
        await redis.command(key, ['PEXPIRE', key, String(ttl)])
      } catch (error) {
        failed(error)
      }
    },
    drop: (scope, name) => scopes.drop(scope, name),
  }
}

type StreamEntry = readonly [id: string, fields: readonly [k: string, name: string, v: string, vector: string]]

function toText({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

function fromText(text: string): Float32Array {
  // A copy, for it to begin at a multiple of four.
  return new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)
}
