import { type ErrorCode, errorCodes } from '@sluice/protocol'
import type { Case } from './cases.ts'

/** What the rules make of a case. */
export interface Expectation {
  readonly status: number
  /** In the answer or at the end of a stream, in the caller's words; `undefined`: a good answer. */
  readonly told: string | undefined
  readonly calls: number
  readonly spareCalls: number
  readonly outcome: 'ok' | 'error' | 'cut' | 'aborted'
  readonly attempts: number
  /** Of the record. */
  readonly code: string | undefined
}

export function expectationOf(one: Case): Expectation {
  const { rule, stage, setup } = one
  const { again, elsewhere } = rule
  const reached = rule.fault === 'refuse' ? 0 : 1
  const code = codeOf(one)
  if (setup === 'fallback') return answered(1, 1)
  if (rule.leaves === true) return { ...answered(1, 0), outcome: 'aborted', code }
  if (stage === 'never' || code === undefined) return answered(1, 0)
  if (stage === 'amid') return { ...answered(1, 0), told: code, outcome: 'cut', code }
  if (setup === 'route' && elsewhere === true) return { ...answered(reached, 1), attempts: 2 }
  // Asked again first, and elsewhere when that has not helped.
  if (setup === 'route' && again === true) return answered(2, 1)
  if (setup === 'once' && again === true && reached > 0) return answered(2, 0)
  const attempts = again === true ? 2 : 1
  const status = rule.status ?? errorCodes[code].status
  const told = isOpenai(one) ? (rule.openaiCode ?? code) : code
  return { status, told, calls: attempts * reached, spareCalls: 0, outcome: 'error', attempts, code }
}

function codeOf({ rule, stage, caller, spoken, stream }: Case): ErrorCode | undefined {
  const translated = stream && caller !== spoken
  return stage === 'before' && !translated ? (rule.unsaidCode ?? rule.code) : rule.code
}

function isOpenai({ caller }: Case): boolean {
  return caller.dialect === undefined || caller.id.startsWith('openai')
}

function answered(calls: number, spareCalls: number): Expectation {
  const attempts = calls + spareCalls
  return { status: 200, told: undefined, calls, spareCalls, outcome: 'ok', attempts, code: undefined }
}
