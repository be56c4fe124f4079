import { type ModelPrice, rateFor, ratesAt } from '../money/model-price.ts'
import type { RouteRequest } from './route-request.ts'

/** Bytes of a request's JSON for a token of input, roughly: good enough to compare prices. */
const bytesPerToken = 5
/** Tokens of output that are expected when nothing is known. */
const usualOutput = 500

/** Pico-dollars that a request would cost, for comparing targets; `undefined` when the price is not known. */
export function estimateCost(price: ModelPrice | undefined, { size }: RouteRequest): number | undefined {
  if (price === undefined) return undefined
  const { input, output, request = 0 } = ratesAt(price, Date.now())
  if (input === undefined) return undefined
  const tokens = size / bytesPerToken
  return tokens * rateFor(input, tokens) + usualOutput * rateFor(output ?? 0, tokens) + rateFor(request, tokens)
}
