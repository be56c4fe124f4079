import { type ChatDialect, SluiceError } from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'

/**
 * How an attempt gets from the caller's dialect to the provider's: `passthrough` when both speak the same, so
 * that bytes are relayed.
 */
export interface Plan {
  readonly kind: 'passthrough'
  readonly dialect: ChatDialect
  /** Below the provider's base URL. */
  readonly path: string
}

/** @throws SluiceError `unsupported_operation` when the provider speaks nothing that this dialect reaches. */
export function planFor(dialect: ChatDialect, provider: ConfiguredProvider): Plan {
  for (const spoken of provider.preset.speaks) {
    const id = typeof spoken === 'string' ? spoken : spoken.dialect
    if (id === dialect.id) return { kind: 'passthrough', dialect, path: typeof spoken === 'string' ? dialect.path : spoken.path }
  }
  throw new SluiceError('unsupported_operation', `${provider.name} does not offer ${dialect.operation}.`)
}
