import type { Dialect, Peek } from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'
import { ownPlan, planPath, spokenAbout } from './plan.ts'

/** A call that was written for its provider, seen to be one of a dialect. */
export interface RecognisedCall {
  readonly dialect: Dialect
  /** As the provider names it. */
  readonly model: string
  readonly stream: boolean
}

/**
 * What a call to a path below the provider's base URL is, where it is one that a dialect models: `undefined` where
 * none does, or the body says no model. Never throws.
 *
 * @param path without a query.
 */
export function recogniseCall(
  dialects: readonly Dialect[],
  provider: ConfiguredProvider,
  path: string,
  body: Uint8Array,
): RecognisedCall | undefined {
  for (const dialect of dialects) {
    if (dialect.form !== undefined) continue
    const { model, stream } = peek(dialect, path, body) ?? {}
    if (model === undefined || stream === undefined) continue
    const plan = ownPlan(dialect, spokenAbout(provider, model))
    if (plan !== undefined && planPath(plan, model, stream).split('?', 1)[0] === path) return { dialect, model, stream }
  }
  return undefined
}

function peek(dialect: Dialect, path: string, body: Uint8Array): Pick<Peek, 'model' | 'stream'> | undefined {
  try {
    return dialect.peekPath?.(path) ?? dialect.peek(body)
  } catch {
    return undefined
  }
}
