import type { Condition } from './route-plan.ts'

/** @throws SluiceError `invalid_config` for what is no expression, or says something else than true or false. */
export type ReadCondition = (text: string) => Condition

/** How conditions are read. Few configurations have any: their language is loaded for those that do. */
export async function loadConditions(): Promise<ReadCondition> {
  const { compileCondition } = await import('./condition.ts')
  return compileCondition
}
