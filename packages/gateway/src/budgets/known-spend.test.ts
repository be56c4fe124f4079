import { type BudgetRule, buildConfig, type ConfigInput, providers as presets } from 'sluice'
import { expect, onTestFinished, test } from 'vitest'
import { describeOnPostgres } from '../../../../tests/servers/describe-on.ts'
import { postgresForTests } from '../../../../tests/servers/postgres.ts'
import { createLedgerStore } from '../ledger/database-ledger-store.ts'
import { decodeLine } from '../ledger/journal-line.ts'
import type { LedgerStore } from '../ledger/ledger-store.ts'
import { budgetOf } from '../limits/rations.ts'
import { openDatabase } from '../stores/database.ts'
import { periodAt } from './budget-period.ts'
import { createKnownSpend, sumSpend } from './known-spend.ts'

const time = Date.UTC(2026, 10, 21)

type Rules = NonNullable<NonNullable<ConfigInput['budgets']>['rules']>

function ruleOf(rule: Omit<Rules[number], 'amount'>): BudgetRule {
  return buildConfig({ presets, input: { budgets: { rules: [{ ...rule, amount: 1 }] } } }).budgets.rules[0]!
}

/** With a request that cost 7 for each list of tags. */
async function openLedger(place: string, ...requests: readonly (readonly string[])[]): Promise<LedgerStore> {
  const database = await openDatabase(place)
  onTestFinished(() => database.destroy())
  const store = createLedgerStore(database)
  for (const [index, tags] of requests.entries()) {
    const caller = `"key_1",null,null,null,null,${JSON.stringify(tags)}`
    const line = decodeLine(
      `[1,${index + 1},${time},"req-${index}",${caller},"chat","small","lab","small",0,"ok",null,null,["table",7],"stop",1,null,1]`,
      'writer',
    )
    await store.add([line!.entry])
  }
  return store
}

function tell(store: LedgerStore, rule: BudgetRule, subject: string): Promise<number> {
  const { budget } = budgetOf(rule, 'tags', subject, time)
  return createKnownSpend(() => Promise.resolve(store))(budget, subject)
}

function describeTags(databaseName: string, place: () => Promise<string>): void {
  test.each([[undefined], [['blue']]])(
    `${databaseName}: a request with several tags counts once for each, of those matched %j`,
    async (tags) => {
      const store = await openLedger(await place(), ['blue', 'red'])
      const rule = ruleOf({ per: 'tag', ...(tags !== undefined && { match: { tags } }) })
      const spentBy = (tag: string): Promise<number> => tell(store, rule, tag)
      expect([await spentBy('blue'), await spentBy('red'), await spentBy('green')]).toEqual([7, 7, 0])
    },
  )

  test.each([
    ['key', 'key_1'],
    ['provider', 'lab'],
    ['model', 'lab/small'],
    ['all', ''],
  ] as const)(`${databaseName}: however many of its tags fit, a request counts once per %s`, async (per, subject) => {
    const store = await openLedger(await place(), ['env:a', 'env:b', 'other'], ['env:b', 'env:a'], ['other'], [])
    const rule = ruleOf({ per, match: { tags: ['env:*'] } })
    expect(await tell(store, rule, subject)).toBe(14)
    expect(await sumSpend(store, rule, periodAt(rule, time), {})).toEqual(new Map([[subject, 14]]))
  })

  test(`${databaseName}: of a budget of tags only those that fit are told of`, async () => {
    const store = await openLedger(await place(), ['env:a', 'env:b', 'other'], ['env:b'])
    const rule = ruleOf({ per: 'tag', match: { tags: ['env:*'] } })
    expect(await sumSpend(store, rule, periodAt(rule, time), {})).toEqual(
      new Map([
        ['env:b', 14],
        ['env:a', 7],
      ]),
    )
  })
}

describeTags('SQLite', () => Promise.resolve(':memory:'))

describeOnPostgres('PostgreSQL', () => {
  describeTags('PostgreSQL', async () => (await postgresForTests()).url)
})
