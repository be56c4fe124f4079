import { openaiChat, SluiceError, totalInput, totalOutput, type Usage } from '@sluice/protocol'
import type { ConfiguredProvider, Cost } from 'sluice'
import type { AnswerHeaders } from '../pipeline/admit.ts'
import type { Principal } from '../pipeline/principal.ts'
import { addLimitHeaders } from './limit-headers.ts'
import type { AdmissionParts } from './request-admission.ts'
import type { Ration, TargetNames } from './rations.ts'
import type { Taken } from './take-rations.ts'

export interface RawRequest {
  readonly principal: Principal
  readonly provider: ConfiguredProvider
  /** Bytes of its body. */
  readonly size: number
  readonly head: AnswerHeaders
}

/**
 * As `Admit`, for `/proxy/…`, where what is asked may be anything: budgets take it for a model without a price until its
 * end, when its cost may be known, and rules about models do not apply.
 */
export type RawAdmit = (request: RawRequest) => RawAdmission | undefined | Promise<RawAdmission | undefined>

export interface RawAdmission {
  /** To be called once, at its end. @param asked whether the provider was. */
  settle(usage: Usage | undefined, asked: boolean, cost?: Cost): void
}

const bytesPerToken = 4

export function createRawAdmit({ book, taker, budgets }: Pick<AdmissionParts, 'book' | 'taker' | 'budgets'>): RawAdmit {
  const { unpriced } = budgets
  // The same object for the same provider: what applies is kept by it.
  const targets = new WeakMap<ConfiguredProvider, TargetNames>()

  function targetOf(provider: ConfiguredProvider): TargetNames {
    let target = targets.get(provider)
    if (target === undefined) targets.set(provider, (target = { provider, model: undefined }))
    return target
  }

  return ({ principal, provider, size, head }) => {
    if (!book.applies(principal)) return undefined
    const rations = book.ofBoth(principal, targetOf(provider))
    if (rations.all.length === 0) return undefined
    if (rations.spends && unpriced === 'refuse') {
      throw new SluiceError(
        'price_unknown',
        'A budget applies to this request, and nobody can say what a call by the raw proxy costs. Use the paths of this gateway, or have calls without a price allowed (`budgets.unpriced`).',
      )
    }
    const fixed = typeof unpriced === 'number' ? unpriced : 0
    const before = rations.all.map(({ measure }) => amountOf(measure, Math.ceil(size / bytesPerToken), 0, fixed))
    // An output that is not there yet is not asked for.
    const taken = taker.take(rations, before, (those, decision) => addLimitHeaders(head, openaiChat, those, decision))
    const finish = (held: Taken): RawAdmission => ({
      settle(usage, asked, cost) {
        const used = held.rations.all.map(({ measure }, index) => {
          if (measure === 'places') return 0
          if (measure === 'spend') return asked ? (cost?.nanoDollars ?? fixed) : 0
          if (usage === undefined) return asked || measure === 'requests' ? held.reservation.amounts[index]! : 0
          return amountOf(measure, totalInput(usage), totalOutput(usage), fixed)
        })
        taker.settle(held, used)
      },
    })
    return taken instanceof Promise ? taken.then(finish) : finish(taken)
  }
}

function amountOf(measure: Ration['measure'], input: number, output: number, fixed: number): number {
  switch (measure) {
    case 'requests':
    case 'places':
      return 1
    case 'tokens':
      return input + output
    case 'input-tokens':
      return input
    case 'output-tokens':
      return output
    case 'spend':
      return fixed
  }
}
