import { SluiceError } from '@sluice/protocol'
import * as z from 'zod/mini'
import { formatProblem } from '../../config/config-problem.ts'
import { describeIssues, withoutWords } from '../../config/describe-issues.ts'
import type { StrategyOptions } from '../strategy.ts'

/** Of a strategy that has no options. */
export const noOptions: z.ZodMiniType<object> = z.lazy(() => z.strictObject({}))

/**
 * A strategy's options as its schema reads them.
 * @throws SluiceError `invalid_config` naming each option that is wrong.
 */
export function readOptions<T>(strategy: string, schema: z.ZodMiniType<T>, options: StrategyOptions): T {
  const result = schema.safeParse(options, withoutWords)
  if (result.success) return result.data
  const problems = describeIssues(result.error.issues, schema, options, () => false).map(formatProblem)
  throw new SluiceError('invalid_config', `the options of the strategy ${strategy}: ${problems.join('; ')}`)
}
