import type { SluiceError } from '@sluice/protocol'
import type { Exchange } from '../dispatch/exchange.ts'
import type { Target } from '../dispatch/target.ts'
import { choose } from './choose.ts'
import type { Route } from './route-plan.ts'
import { factsOf } from './route-request.ts'

/** The target that a route picks for a request now; its choices go into `exchange.decisions`, where that is a list. */
export function chooseFor(exchange: Exchange, plan: Route, tried?: ReadonlySet<Target>): Target | undefined {
  const { decisions, refuses, forbids } = exchange
  return choose(plan, {
    request: factsOf(exchange),
    tried,
    refuses: forbids === undefined ? refuses : (target) => forbids(target)?.message ?? refuses?.(target),
    now: performance.now(),
    decided: decisions && ((decision) => decisions.push(decision)),
  })
}

/** The one target of a route, where that is all there is and the caller may use it. */
export function onlyTarget({ forbids }: Exchange, { only }: Route): Target | undefined {
  return only !== undefined && forbids?.(only) === undefined ? only : undefined
}

/** What forbids a caller all that a route leads to; `undefined` where something is left. */
export function forbiddenBy({ forbids }: Exchange, { only, candidates }: Route): SluiceError | undefined {
  if (forbids === undefined) return undefined
  if (only !== undefined) return forbids(only)
  let reason: SluiceError | undefined
  for (const target of leavesOf(candidates)) {
    const found = forbids(target)
    if (found === undefined) return undefined
    reason ??= found
  }
  return reason
}

function leavesOf(candidates: Route['candidates']): readonly Target[] {
  return candidates.flatMap(({ target, route: below }) =>
    target !== undefined ? [target] : below?.only !== undefined ? [below.only] : leavesOf(below?.candidates ?? []),
  )
}
