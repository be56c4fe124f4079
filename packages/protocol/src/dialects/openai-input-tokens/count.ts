import { SluiceError } from '../../errors/sluice-error.ts'
import type { TokenCountResult } from '../../ir/count-tokens.ts'
import { isRecord } from '../../json/wire-object.ts'
import type { OperationDialectOptions } from '../openai-operations/create-operation-dialect.ts'

/** Of answers that say a count under the name that OpenAI and Anthropic have for it. */
export const countShape: Pick<OperationDialectOptions, 'member' | 'answer'> = {
  member: 'input_tokens',
  answer: { type: 'number', readUsage: () => undefined },
}

export function readCount(wire: unknown): TokenCountResult {
  return { tokens: countIn(wire, 'input_tokens') }
}

/** @throws SluiceError `upstream_invalid_response` */
export function countIn(wire: unknown, member: string): number {
  const tokens = isRecord(wire) ? wire[member] : undefined
  if (typeof tokens === 'number' && Number.isInteger(tokens) && tokens >= 0) return tokens
  throw new SluiceError('upstream_invalid_response', 'The provider answered with JSON that is no count of tokens.')
}
