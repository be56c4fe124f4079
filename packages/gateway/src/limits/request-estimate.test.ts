import { operationDialects } from '@sluice/protocol/dialects'
import { Exchange, flatPrice, type RestOfBody, type Target } from 'sluice'
import { expect, test } from 'vitest'
import { RequestEstimate } from './request-estimate.ts'

const transcription = operationDialects.find(({ operation }) => operation === 'transcribe')!
const pricing = { priceOf: () => flatPrice('test', { audioSecond: 3_000 }), loading: () => undefined }

/** A form of 4000 bytes, of which the end is still on its way. */
function worstCost(restSize: number | undefined): number {
  const peek = { model: 'm', stream: false, usageRequested: false, plain: true }
  const exchange = new Exchange('req_1', transcription, new Uint8Array(4_000), peek, 0)
  exchange.rest = { size: restSize, taken: false } as RestOfBody
  const estimate = new RequestEstimate(exchange, pricing, { unpriced: 'allow', assumedOutput: 0 })
  return estimate.worstCost([{} as Target])
}

test('counts what of a recording is still on its way, where its size was announced', () => {
  expect(worstCost(undefined)).toBe(2 * 3)
  expect(worstCost(36_000)).toBe(20 * 3)
})
