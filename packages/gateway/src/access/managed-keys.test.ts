import { pino } from 'pino'
import { Secret } from 'sluice'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../stores/database.ts'
import type { AccessStore } from './access-store.ts'
import { localActor } from './actor.ts'
import { createDatabaseAccessStore } from './database-access-store.ts'
import { createKeyText, hashKey } from './key-text.ts'
import { createManagedKeys, type ManagedKeys } from './managed-keys.ts'
import { createSealing } from './sealing.ts'

const pepper = new Secret('p'.repeat(32))
const by = { actor: localActor, action: 'keys.create' }

/** A store whose questions are counted, and can be held up. */
async function begin(): Promise<{
  readonly keys: ManagedKeys
  readonly store: AccessStore
  readonly asked: () => number
  readonly holdUp: () => () => void
  readonly make: (more?: Partial<typeof empty>) => Promise<string>
}> {
  const database = await openDatabase(':memory:')
  const store = createDatabaseAccessStore(database, Date.now)
  let asked = 0
  let held: Promise<void> | undefined
  const counted: AccessStore = {
    ...store,
    async findGrant(hash) {
      asked++
      const row = await store.findGrant(hash)
      await held
      return row
    },
  }
  const keys = createManagedKeys({
    open: async () => ({ store: counted, database, pepper, sealing: createSealing([]) }),
    mayExist: () => true,
    wanted: false,
    required: false,
    interval: 500,
    logger: pino({ level: 'silent' }),
  })
  await keys.start()
  onTestFinished(async () => {
    keys.close()
    await database.destroy()
  })
  let count = 0
  return {
    keys,
    store,
    asked: () => asked,
    holdUp() {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return resolve
    },
    async make(more: Partial<typeof empty> = {}) {
      const text = createKeyText().reveal()
      const id = `key_${++count}`
      await store.keys.add({ ...empty, ...more, id, hash: hashKey(text, pepper) }, by)
      keys.forget()
      return text
    },
  }
}

const empty = {
  organisation_id: null,
  workspace_id: null,
  user_id: null,
  name: 'a',
  prefix: 'sk-sl-…',
  previous_hash: null,
  previous_expires_at: null,
  role: null,
  models: null,
  providers: null,
  operations: null,
  addresses: null,
  sites: null,
  default_route: null,
  limits: null,
  budget: null,
  tags: '[]',
  metadata: '{}',
  expires_at: null,
  blocked_at: null,
  levels: null,
  rotated_at: null,
  created_at: 1,
  updated_at: 1,
}

test('asks the store once, then answers at once', async () => {
  const { keys, asked, make } = await begin()
  const key = await make()
  const first = keys.find(key)
  expect(first).toBeInstanceOf(Promise)
  expect(await first).toMatchObject({ principal: { id: 'key_1', owner: 'key_1', managed: true } })
  expect(keys.find(key)).toMatchObject({ principal: { id: 'key_1' } })
  expect(asked()).toBe(1)
})

test('a tag that is kept twice is one', async () => {
  const { keys, make } = await begin()
  expect(await keys.find(await make({ tags: '["a","b","a"]' }))).toMatchObject({ principal: { tags: ['a', 'b'] } })
})

test('asks once for a key that there is not, and never for what is no key', async () => {
  const { keys, asked } = await begin()
  const missing = createKeyText().reveal()
  for (const _ of [1, 2, 3]) expect(await keys.find(missing)).toBeUndefined()
  expect(asked()).toBe(1)
  for (const text of ['', 'sk-sl-', 'sk-proj-abc', 'x'.repeat(10_000)]) expect(keys.find(text)).toBeUndefined()
  expect(asked()).toBe(1)
})

test('remembers so many made-up keys and no more, and forgets no real one for them', async () => {
  const { keys, asked, make } = await begin()
  const key = await make()
  await keys.find(key)
  const first = createKeyText().reveal()
  await keys.find(first)
  for (let count = 0; count < 10_000; count++) await keys.find(createKeyText().reveal())
  const before = asked()
  await keys.find(first)
  expect(asked()).toBe(before + 1)
  expect(keys.find(key)).not.toBeInstanceOf(Promise)
})

test('does not remember what it heard before a change', async () => {
  const { keys, store, holdUp, make } = await begin()
  const key = await make()
  const goOn = holdUp()
  const asking = keys.find(key)
  // The store has answered, and is blocked before the answer arrives.
  await store.keys.update('key_1', { blocked_at: 1 }, by)
  keys.forget()
  goOn()
  await asking
  expect(await keys.find(key)).toMatchObject({ blocked: true })
})

test('callers need keys from the first change on, and ever after', async () => {
  const { keys, store, make } = await begin()
  expect(keys.required).toBe(false)
  await make()
  // The runner's own limit ends what never becomes so.
  while (!keys.required) await new Promise((resolve) => setTimeout(resolve, 20))
  await store.keys.remove('key_1', by)
  keys.forget()
  expect(keys.required).toBe(true)
})
