import type { Admit } from '../pipeline/admit.ts'
import type { KeyLimits, Principal } from '../pipeline/principal.ts'
import { createAdmit } from './create-admit.ts'
import type { AdmissionParts } from './request-admission.ts'

/**
 * As `createAdmit`, by budgets alone: what a request that was let in makes the gateway ask besides takes no place, and counts
 * as no request, but costs what it costs. @param parts with a book that has no limits.
 */
export function createSpendingAdmit(parts: AdmissionParts): Admit {
  const admit = createAdmit(parts)
  const spenders = new WeakMap<Principal, Principal>()

  function spenderOf(principal: Principal): Principal {
    if (principal.limits === undefined) return principal
    let spender = spenders.get(principal)
    if (spender === undefined)
      spenders.set(principal, (spender = { ...principal, limits: withoutLimits(principal.limits) }))
    return spender
  }
  return (principal, exchange, route, head) => admit(spenderOf(principal), exchange, route, head)
}

function withoutLimits({ budgets, rules }: KeyLimits): KeyLimits {
  return { limits: [], budgets, rules: rules.filter(({ budget }) => budget !== undefined) }
}
