import { type BudgetsConfig, type Exchange, factsOf, type Target } from 'sluice'
import type { Pricing } from '../budgets/pricing.ts'
import { worstCost } from '../budgets/worst-cost.ts'
import { choicesOf, estimateInput, outputLimit } from './estimate-request.ts'

/** What a request may come to, worked out as far as somebody asks. */
export class RequestEstimate {
  readonly #exchange: Exchange
  readonly #pricing: Pricing
  readonly #budgets: Pick<BudgetsConfig, 'unpriced' | 'assumedOutput'>
  #input: number | undefined

  constructor(exchange: Exchange, pricing: Pricing, budgets: Pick<BudgetsConfig, 'unpriced' | 'assumedOutput'>) {
    this.#exchange = exchange
    this.#pricing = pricing
    this.#budgets = budgets
  }

  /** Tokens. */
  get input(): number {
    return (this.#input ??= estimateInput(this.#exchange, false))
  }

  /** Nano-dollars at the dearest of some targets. */
  worstCost(targets: readonly Target[]): number {
    const exchange = this.#exchange
    if (exchange.dialect.operation === 'count-tokens') return 0
    return this.#dearest(
      targets,
      estimateInput(exchange, true),
      outputLimit(exchange) ?? this.#budgets.assumedOutput * choicesOf(exchange),
    )
  }

  /** Nano-dollars for each token more of output, at the dearest of some targets. */
  perOutputToken(targets: readonly Target[]): number {
    const tokens = 1_000_000
    const input = estimateInput(this.#exchange, true)
    return (this.#dearest(targets, input, tokens) - this.#dearest(targets, input, 0)) / tokens
  }

  #dearest(targets: readonly Target[], input: number, output: number): number {
    const { body, rest } = this.#exchange
    const worst = { input, output, bytes: body.length + (rest?.size ?? 0), facts: factsOf(this.#exchange) }
    const { unpriced } = this.#budgets
    const now = Date.now()
    let dearest = 0
    for (const target of targets) {
      const price = this.#pricing.priceOf(target)
      const fixed = typeof unpriced === 'number' ? unpriced : 0
      dearest = Math.max(dearest, price === undefined ? fixed : worstCost(price, worst, now))
    }
    return dearest
  }
}
