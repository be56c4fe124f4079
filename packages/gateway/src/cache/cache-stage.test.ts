import { openaiChat } from '@sluice/protocol'
import { type Answer, Exchange, type Route, type SemanticCacheConfig } from 'sluice'
import { expect, test } from 'vitest'
import type { Call } from '../server/call.ts'
import { createCacheStage } from './cache-stage.ts'
import { createMemoryAnswerStore } from './memory-answer-store.ts'
import { createFindAlike } from './semantic/alike.ts'
import { createMemoryVectorStore } from './semantic/memory-vector-store.ts'
import { toVector } from './semantic/scope-vectors.ts'

/** A stage that compares questions; `decoded` are those that were read for it, `embedded` the texts. */
function start(): {
  ask(text: string, header?: string): Promise<string>
  readonly decoded: unknown[]
  readonly embedded: string[]
} {
  const decoded: unknown[] = []
  const embedded: string[] = []
  const dialect: typeof openaiChat = {
    ...openaiChat,
    request: {
      ...openaiChat.request,
      decode(wire, context) {
        decoded.push(wire)
        return openaiChat.request.decode(wire, context)
      },
    },
  }
  const target = { provider: { id: 'lab' }, model: 'small' }
  const route = { name: 'lab/small', only: target, candidates: [], policy: { fallbacks: {} } } as unknown as Route
  const semantic: SemanticCacheConfig = {
    model: 'lab/embedder',
    threshold: 0.9,
    share: undefined,
    byDefault: true,
    maxTemperature: 1,
    maxVectors: 100,
    timeout: 1000,
  }
  const stage = createCacheStage({
    config: {
      store: 'memory',
      ttl: 60_000,
      maxBytes: 1e6,
      maxEntryBytes: 1e6,
      share: 'key',
      byDefault: true,
      semantic,
    },
    store: createMemoryAnswerStore({ ttl: 60_000, maxBytes: 1e6, now: Date.now }),
    prompts: undefined,
    findAlike: createFindAlike({
      config: semantic,
      store: createMemoryVectorStore(100),
      async embed({ text }) {
        embedded.push(text)
        return toVector([1, text.length / 100])
      },
    }),
    now: Date.now,
    count: () => undefined,
  })
  return {
    decoded,
    embedded,
    async ask(text, header) {
      const body = Buffer.from(JSON.stringify({ model: 'lab/small', messages: [{ role: 'user', content: text }] }))
      const exchange = new Exchange('req_1', dialect, body, dialect.peek(body), 0)
      const call = { request: { headers: { ...(header !== undefined && { 'x-sluice-cache': header }) } } } as Call
      await stage({
        call,
        exchange,
        route,
        principal: { id: 'key_1', owner: 'key_1' },
        stateful: false,
        ask: async () =>
          ({
            target,
            headers: {},
            stream: false,
            tap: { complete: true, usage: () => undefined, finishReason: () => 'stop' },
            whole: Buffer.from('{}'),
          }) as unknown as Answer,
      })
      return call.headers!.find((_, index, all) => all[index - 1] === 'x-sluice-cache')!
    },
  }
}

test('for an answer to the very same, no question is read', async () => {
  const { ask, decoded, embedded } = start()
  expect(await ask('What is it?')).toBe('miss')
  expect(await ask('what is it')).toMatch(/^semantic/)
  expect([decoded.length, embedded.length]).toEqual([2, 2])
  expect(await ask('What is it?')).toBe('hit')
  expect([decoded.length, embedded.length]).toEqual([2, 2])
})

test('one that is read when its answer is there already is found by others', async () => {
  const { ask, embedded } = start()
  expect(await ask('What is it?', 'refresh')).toBe('miss')
  await expect.poll(() => embedded).toEqual(['What is it?'])
  expect(await ask('what is it')).toMatch(/^semantic/)
})
