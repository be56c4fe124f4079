import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  byItsId,
  byMaking,
  inLists,
  type Intrusion,
  keyKinds,
  keyOf,
  lossesOf,
  startTenants,
  type Tenants,
} from './tenants.ts'

let tenants: Tenants
beforeAll(async () => {
  tenants = await startTenants()
})
afterAll(() => tenants[Symbol.asyncDispose]())

test.each<[what: string, intrusions: readonly Intrusion[]]>([
  ['by no key anything of another tenant can be seen, changed or removed: there is no such thing', byItsId],
  ['no list shows anything of another tenant', inLists],
  ['nothing can be made for, or of what belongs to, another tenant', byMaking],
])('%s', async (_, intrusions) => {
  const { both, ask } = tenants
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...both),
      fc.constantFrom(...keyKinds),
      fc.constantFrom(...intrusions),
      async (other, kind, { name, attempt }) => {
        const own = both.find((tenant) => tenant !== other)!
        expect([name, await attempt(keyOf(own, kind), other, ask)]).toEqual([name, []])
      },
    ),
    { numRuns: 150 },
  )
})

test('after all that everybody still has what is theirs', async () => {
  expect(await lossesOf(tenants)).toEqual([])
})
