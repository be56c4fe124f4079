import { inputClasses, noUsage, outputClasses, type Usage } from '@sluice/protocol'

/** What several calls used together; `undefined` when none of them told. */
export function sumUsage(all: readonly (Usage | undefined)[]): Usage | undefined {
  const known = all.filter((usage) => usage !== undefined)
  if (known.length < 2) return known[0]
  const sums: Record<string, number> = {}
  for (const name of [...inputClasses, ...outputClasses]) {
    sums[name] = known.reduce((sum, usage) => sum + usage[name], 0)
  }
  return { ...noUsage, ...sums, ...(known.some(({ estimated }) => estimated === true) && { estimated: true }) }
}
