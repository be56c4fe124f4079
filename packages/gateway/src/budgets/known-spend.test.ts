import { buildConfig, providers as presets } from 'sluice'
import { expect, onTestFinished, test } from 'vitest'
import { createLedgerStore } from '../ledger/database-ledger-store.ts'
import { decodeLine } from '../ledger/journal-line.ts'
import { budgetOf } from '../limits/rations.ts'
import { openDatabase } from '../stores/database.ts'
import { createKnownSpend } from './known-spend.ts'

const time = Date.UTC(2026, 10, 21)

test.each([[undefined], [['blue']]])(
  'a request with several tags counts once for each, of those matched %j',
  async (tags) => {
    const database = await openDatabase(':memory:')
    onTestFinished(() => database.destroy())
    const store = createLedgerStore(database)
    const caller = `"key_1",null,null,null,null,["blue","red"]`
    const line = decodeLine(
      `[1,1,${time},"req-1",${caller},"chat","small","lab","small",0,"ok",null,null,["table",7],"stop",1,null,1]`,
      'writer',
    )
    await store.add([line!.entry])
    const rule = { per: 'tag', amount: 1, ...(tags !== undefined && { match: { tags } }) } as const
    const { budgets } = buildConfig({ presets, input: { budgets: { rules: [rule] } } })
    const knownSpend = createKnownSpend(() => Promise.resolve(store))
    const spentBy = (tag: string): Promise<number> => {
      const { budget, subject } = budgetOf(budgets.rules[0]!, 'tags', tag, time)
      return knownSpend(budget, subject)
    }
    expect([await spentBy('blue'), await spentBy('red'), await spentBy('green')]).toEqual([7, 7, 0])
  },
)
