import { noUsage, openaiChat } from '@sluice/protocol'
import { type Answer, Exchange, flatPrice, type Target } from 'sluice'
import { expect, test } from 'vitest'
import type { SpendLimit } from '../counters/counters.ts'
import { RequestAdmission } from './request-admission.ts'
import { RequestEstimate } from './request-estimate.ts'
import type { Rations } from './rations.ts'

const limit: SpendLimit = { kind: 'spend', key: 'model', most: Infinity, endsAt: Infinity }
const rations = { all: [{ limit, measure: 'spend' }], limits: [limit], spends: true } as unknown as Rations
const price = {
  ...flatPrice('test', { output: 1_000 }),
  variants: [{ processing: 'priority', when: { type: 'always' }, rates: { output: 2_000 } }],
} as const

test('of several answers each is paid for as it was processed', async () => {
  const settled: (readonly number[])[] = []
  const pricing = { priceOf: () => price, loading: () => undefined }
  const budgets = { unpriced: 'allow', overrun: 'allow', assumedOutput: 100 } as const
  const body = Buffer.from('{"model":"small","max_tokens":50}')
  const exchange = new Exchange('req-1', openaiChat, body, openaiChat.peek(body), 0)
  const estimate = new RequestEstimate(exchange, pricing, budgets)
  const admission = new RequestAdmission(
    {
      book: { ofTarget: () => rations } as never,
      taker: {
        take: (_: Rations, amounts: readonly number[]) => ({ rations, reservation: { amounts } }),
        settle: (_: unknown, used: readonly number[]) => void settled.push(used),
      } as never,
      pricing,
      budgets,
    },
    {
      principal: { id: 'key_1', owner: 'key_1' },
      exchange,
      estimate,
      hear: undefined,
      gated: true,
      prepaid: undefined,
    },
    undefined,
  )
  const target = { provider: { id: 'lab' }, model: 'small' } as Target
  const attempt = { target, startedAt: 0, endedAt: 1 }
  for (const processing of [undefined, 'priority']) {
    const pass = await admission.enter(target)
    exchange.attempts.push(attempt)
    const tap = { usage: () => ({ ...noUsage, output: 10 }), processing: () => processing }
    pass!.answered({ target, tap } as unknown as Answer)
  }
  admission.settle({ answer: undefined, usage: undefined, cost: undefined })
  expect(settled).toEqual([[10], [20]])
})
