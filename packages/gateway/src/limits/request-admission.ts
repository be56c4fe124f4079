import { SluiceError, totalInput, totalOutput, type Usage } from '@sluice/protocol'
import { type Answer, type AttemptGate, type AttemptPass, type BudgetsConfig, type Exchange, type Target } from 'sluice'
import { isNamedByTenant } from '../access/site-provider.ts'
import { believedCost } from '../budgets/believed-cost.ts'
import { type StreamBudget, WatchedAnswer } from '../budgets/watched-answer.ts'
import type { Pricing } from '../budgets/pricing.ts'
import type { Admission, Used } from '../pipeline/admit.ts'
import type { Principal } from '../pipeline/principal.ts'
import { outputLimit } from './estimate-request.ts'
import type { RequestEstimate } from './request-estimate.ts'
import type { Ration, RationBook, Rations } from './rations.ts'
import type { HearDecision, RationTaker, Taken } from './take-rations.ts'

export interface AdmissionParts {
  readonly book: RationBook
  readonly taker: RationTaker
  readonly pricing: Pricing
  readonly budgets: Pick<BudgetsConfig, 'unpriced' | 'overrun' | 'assumedOutput'>
}

export interface AdmissionRequest {
  readonly principal: Principal
  readonly exchange: Exchange
  readonly estimate: RequestEstimate
  readonly hear: HearDecision | undefined
  /** Attempts are looked at, each by where it goes. */
  readonly gated: boolean
  /** The target for which the first attempt's share was taken already. */
  readonly prepaid: Target | undefined
}

/** One request's share of limits and budgets, from when it is let in to its end. */
export class RequestAdmission implements Admission, AttemptGate {
  readonly #parts: AdmissionParts
  readonly #request: AdmissionRequest
  readonly #taken: Taken | undefined
  readonly #passes: Pass[] = []
  /** The prepaid attempt is made, or was. */
  #entered = false
  #over = false

  constructor(parts: AdmissionParts, request: AdmissionRequest, taken: Taken | undefined) {
    this.#parts = parts
    this.#request = request
    this.#taken = taken
  }

  get gate(): AttemptGate | undefined {
    return this.#request.gated ? this : undefined
  }

  enter(target: Target): AttemptPass | undefined | Promise<AttemptPass | undefined> {
    const { book, taker, pricing, budgets } = this.#parts
    const { principal, estimate, hear, prepaid } = this.#request
    let rations = book.ofTarget(principal, target)
    const spends = rations.spends || this.#taken?.rations.spends === true
    if (spends && budgets.unpriced === 'refuse' && pricing.priceOf(target) === undefined) throw priceUnknown(target)
    if (target === prepaid) {
      // Asked again, it is one more request; the money, the tokens and the place that it needs are still held.
      rations = this.#entered ? requestsOf(rations) : noRations
      this.#entered = true
    }
    if (rations.all.length === 0) return undefined
    const amounts = amountsFor(rations, estimate, rations.spends ? estimate.worstCost([target]) : 0)
    const refusing: HearDecision = (those, decision) => {
      if (decision.reservation === undefined) hear?.(those, decision)
    }
    const taken = taker.take(rations, amounts, refusing)
    return taken instanceof Promise ? taken.then((later) => this.#pass(later)) : this.#pass(taken)
  }

  #pass(taken: Taken): Pass {
    const pass = new Pass(taken, this.#parts.taker)
    if (this.#over) pass.failed()
    else this.#passes.push(pass)
    return pass
  }

  watch(answer: Answer): Answer {
    const { overrun, assumedOutput } = this.#parts.budgets
    const { exchange, estimate } = this.#request
    const held = [this.#taken, ...this.#passes.map(({ taken }) => taken)].filter(
      (taken) => taken?.rations.spends === true,
    ) as readonly Taken[]
    const asked = exchange.attempts.length > 0
    if (held.length === 0 || !asked || !answer.stream || overrun === 'allow' || outputLimit(exchange) !== undefined)
      return answer
    const perToken = estimate.perOutputToken([answer.target])
    const budget: StreamBudget = {
      tokens: assumedOutput,
      extend: overrun === 'cut' ? undefined : () => this.#extend(held, Math.ceil(perToken * assumedOutput)),
    }
    return new WatchedAnswer(exchange, answer, budget)
  }

  async #extend(held: readonly Taken[], amount: number): Promise<boolean> {
    for (const taken of held) {
      if (this.#over) return true
      const amounts = taken.rations.all.map(({ measure }) => (measure === 'spend' ? amount : 0))
      if (!(await this.#parts.taker.extend(taken, amounts))) return false
    }
    return true
  }

  settle(used: Used): void {
    if (this.#over) return
    this.#over = true
    const { taker } = this.#parts
    if (this.#taken !== undefined) taker.settle(this.#taken, this.#usedOf(this.#taken, used))
    // Of several, each is paid for what it was itself.
    const answered = this.#passes.filter(({ answer }) => answer !== undefined)
    const only = answered.length === 1 ? answered[0] : undefined
    for (const pass of this.#passes) {
      if (pass.settled) continue
      if (pass.answer === undefined) pass.failed()
      else pass.settle(this.#usedOf(pass.taken, pass === only ? used : this.#usedBy(pass.answer)))
    }
  }

  /** Of one of several answers: also those that were not handed on are paid for. */
  #usedBy(answer: Answer): Used {
    const { tap, target } = answer
    const usage = tap.usage()
    const { pricing } = this.#parts
    const context = { when: Date.now(), processing: tap.processing?.() }
    const cost = usage && believedCost(usage, target.provider, pricing.priceOf(target), context)
    return { answer, usage, cost }
  }

  #usedOf({ rations, reservation }: Taken, used: Used): readonly number[] {
    const { attempts } = this.#request.exchange
    const asked = attempts.length > 0
    return rations.all.map(({ measure }, index) => {
      const reserved = reservation.amounts[index]!
      if (measure === 'spend') return asked ? this.#spentOf(used, reserved) : 0
      if (measure === 'requests') return 1
      if (measure === 'places') return 0
      // What nobody counted stays what it was taken for.
      if (used.usage === undefined) return asked && used.answer !== undefined ? reserved : 0
      return tokensOf(used.usage, measure)
    })
  }

  #spentOf({ answer, cost }: Used, reserved: number): number {
    if (cost !== undefined && cost.nanoDollars !== null) {
      // A tenant's own server counts what it likes, and the budget may be of others too.
      return answer !== undefined && isNamedByTenant(answer.target.provider)
        ? Math.min(cost.nanoDollars, reserved)
        : cost.nanoDollars
    }
    const { unpriced } = this.#parts.budgets
    if (cost !== undefined) return typeof unpriced === 'number' ? unpriced : 0
    // Unknown is not nothing.
    return answer === undefined ? 0 : reserved
  }
}

/** One attempt's share. */
class Pass implements AttemptPass {
  readonly taken: Taken
  readonly #taker: RationTaker
  answer: Answer | undefined
  settled = false

  constructor(taken: Taken, taker: RationTaker) {
    this.taken = taken
    this.#taker = taker
  }

  answered(answer: Answer): void {
    this.answer = answer
  }

  failed(): void {
    this.settle(this.taken.rations.all.map(({ measure }) => (measure === 'requests' ? 1 : 0)))
  }

  settle(used: readonly number[]): void {
    if (this.settled) return
    this.settled = true
    this.#taker.settle(this.taken, used)
  }
}

const noRations: Rations = Object.freeze({ all: [], limits: [], spends: false })

function requestsOf({ all }: Rations): Rations {
  const counting = all.filter(({ measure }) => measure === 'requests')
  return { all: counting, limits: counting.map(({ limit }) => limit), spends: false }
}

/** What is to be taken of each ration before a request is asked. */
export function amountsFor(rations: Rations, estimate: RequestEstimate, spend: number): readonly number[] {
  const amounts: number[] = []
  for (const { measure } of rations.all) amounts.push(amountOf(measure, estimate, spend))
  return amounts
}

function amountOf(measure: Ration['measure'], estimate: RequestEstimate, spend: number): number {
  switch (measure) {
    case 'requests':
    case 'places':
      return 1
    case 'tokens':
    case 'input-tokens':
      return estimate.input
    case 'output-tokens':
      return 0
    case 'spend':
      return spend
  }
}

function tokensOf(usage: Usage, measure: 'tokens' | 'input-tokens' | 'output-tokens'): number {
  if (measure === 'input-tokens') return totalInput(usage)
  if (measure === 'output-tokens') return totalOutput(usage)
  return totalInput(usage) + totalOutput(usage)
}

export function priceUnknown({ provider, model }: Pick<Target, 'provider' | 'model'>): SluiceError {
  return new SluiceError(
    'price_unknown',
    `A budget applies to this request, and what "${model}" costs at ${provider.id} is not known. Ask for another model, have its price written into the config (\`models[].price\`), or have models without a price allowed (\`budgets.unpriced\`).`,
    { param: 'model' },
  )
}
