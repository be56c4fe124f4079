import type { ModelEntry } from '../directory.ts'
import type { Policy } from '../pipeline/principal.ts'
import { mayUseModel, mayUseProvider } from './policy.ts'

/** Of a list of models those that a key may use; a route is among them when anything that it leads to is. */
export function permittedModels(entries: readonly ModelEntry[], policy: Policy | undefined): readonly ModelEntry[] {
  if (policy?.models === undefined && policy?.providers === undefined) return entries
  const byName = new Map(entries.flatMap((entry) => [entry.id, ...entry.aliases].map((name) => [name, entry])))

  function permitted(entry: ModelEntry, name: string | undefined, above: readonly ModelEntry[]): boolean {
    const { provider, targets, aliases, id } = entry
    if (targets === undefined) {
      const model = id.startsWith(`${provider}/`) ? id.slice(provider.length + 1) : id
      const names = [name, ...aliases]
      return mayUseProvider(policy, provider) && names.some((one) => mayUseModel(policy, provider, model, one))
    }
    if (above.includes(entry)) return false
    return targets.some((target) => {
      const found = byName.get(target)
      return found !== undefined && permitted(found, name ?? id, [...above, entry])
    })
  }

  return entries.filter((entry) => permitted(entry, undefined, []))
}
