import type { Exchange, Route } from 'sluice'
import { createRouteTargets } from '../budgets/route-targets.ts'
import type { Admission, Admit, AnswerHeaders } from '../pipeline/admit.ts'
import type { Principal } from '../pipeline/principal.ts'
import { addLimitHeaders } from './limit-headers.ts'
import { type AdmissionParts, amountsFor, priceUnknown, RequestAdmission } from './request-admission.ts'
import { RequestEstimate } from './request-estimate.ts'
import type { HearDecision, Taken } from './take-rations.ts'

/** Lets requests in as limits and budgets have room; those that none applies to cost nothing. */
export function createAdmit(parts: AdmissionParts): Admit {
  const { book, taker, pricing, budgets } = parts
  const targetsOf = createRouteTargets()

  function admit(
    principal: Principal,
    exchange: Exchange,
    route: Route,
    head: AnswerHeaders | undefined,
  ): Admission | undefined | Promise<Admission | undefined> {
    const { only } = route
    const rations = only === undefined ? book.ofCaller(principal) : book.ofBoth(principal, only)
    const gated = book.looksAtTargets(principal) || (rations.spends && budgets.unpriced === 'refuse')
    if (rations.all.length === 0 && !gated) return undefined
    const loading = rations.spends ? pricing.loading() : undefined
    if (loading !== undefined) return loading.then(() => admit(principal, exchange, route, head))
    const estimate = new RequestEstimate(exchange, pricing, budgets)
    const hear: HearDecision | undefined =
      head && ((those, decision) => addLimitHeaders(head, exchange.dialect, those, decision))
    const finish = (taken: Taken | undefined): Admission =>
      new RequestAdmission(parts, { principal, exchange, estimate, hear, gated, prepaid: only }, taken)
    if (rations.all.length === 0) return finish(undefined)
    const spend = rations.spends ? spendOf(route, estimate) : 0
    const taken = taker.take(rations, amountsFor(rations, estimate, spend), hear)
    return taken instanceof Promise ? taken.then(finish) : finish(taken)
  }

  /** @throws SluiceError `price_unknown` where none of the targets may be asked. */
  function spendOf(route: Route, estimate: RequestEstimate): number {
    const targets = targetsOf(route)
    const [first] = targets
    if (budgets.unpriced === 'refuse' && first !== undefined && !targets.some((target) => pricing.priceOf(target)))
      throw priceUnknown(first)
    return estimate.worstCost(targets)
  }

  return (principal, exchange, route, head) =>
    book.applies(principal) ? admit(principal, exchange, route, head) : undefined
}
