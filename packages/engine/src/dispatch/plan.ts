import { type ChatDialect, type Dialect, SluiceError } from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'

/**
 * How an attempt gets from the caller's dialect to the provider's: `passthrough` when both speak the same, so
 * that bytes are relayed; `translate` by way of the neutral types when they do not.
 *
 * `dialect` is what the provider is spoken to in. `path` stands below the provider's base URL in place of the
 * dialect's own; `{model}` in it stands for the model's name.
 */
export type Plan =
  | { readonly kind: 'passthrough'; readonly dialect: Dialect; readonly path: string | undefined }
  | {
      readonly kind: 'translate'
      /** What the caller speaks. */
      readonly caller: ChatDialect
      readonly dialect: ChatDialect
      readonly path: string | undefined
    }

/**
 * Chooses, of what a provider speaks, the caller's own dialect, else the first that can be translated to.
 *
 * @param known the chat dialects, by id.
 * @throws SluiceError `unsupported_operation` when the provider speaks none of them.
 */
export function planFor(dialect: Dialect, provider: ConfiguredProvider, known: ReadonlyMap<string, ChatDialect>): Plan {
  const spoken = provider.preset.speaks.map((entry) => (typeof entry === 'string' ? { dialect: entry, path: undefined } : entry))
  const own = spoken.find((entry) => entry.dialect === dialect.id)
  if (own !== undefined) return { kind: 'passthrough', dialect, path: own.path }
  const caller = known.get(dialect.id)
  for (const entry of spoken) {
    const other = known.get(entry.dialect)
    if (caller !== undefined && other !== undefined) return { kind: 'translate', caller, dialect: other, path: entry.path }
  }
  throw new SluiceError('unsupported_operation', `${provider.name} does not offer ${dialect.operation}.`)
}

/** Where a plan's requests go, below the provider's base URL. */
export function planPath(plan: Plan, model: string, stream: boolean): string {
  return plan.path?.replaceAll('{model}', encodeURIComponent(model)) ?? plan.dialect.path(model, stream)
}
