import {
  commonDialects,
  type FurtherDialect,
  furtherDialects,
  neutralOperation,
  type Operation,
  type TranslatableDialect,
} from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'
import { dialectOf } from './plan.ts'

const common: ReadonlyMap<string, TranslatableDialect> = new Map(commonDialects.map((dialect) => [dialect.id, dialect]))

/**
 * What has to be loaded to ask the providers as `planFor` would if all were there. Callers speak the common dialects, and
 * the first is taken that says what they want: what a provider speaks after it is not needed.
 */
export function wantedDialects(providers: readonly ConfiguredProvider[]): readonly FurtherDialect[] {
  const wanted = new Set<FurtherDialect>()
  for (const { preset } of providers) {
    const found = new Set<Operation>()
    for (const spoken of preset.speaks) {
      const id = dialectOf(spoken)
      const known = common.get(id)
      const further = furtherDialects.get(id)
      if (further !== undefined && !found.has(neutralOperation(further.operation))) wanted.add(further)
      const always = typeof spoken === 'string' || spoken.models === undefined
      if (known !== undefined && known.standIn !== true && always) found.add(neutralOperation(known.operation))
    }
  }
  return [...wanted]
}
