import type { ReadCondition } from './route-condition.ts'

/** How conditions are read. Few configurations have any: their language is loaded for those that do. */
export async function loadConditions(): Promise<ReadCondition> {
  const { compileCondition } = await import('./condition.ts')
  return compileCondition
}
