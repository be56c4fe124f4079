import type { Dialect, Peek } from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'
import { dialectOf, ownPlan, planPath, spokenAbout } from './plan.ts'

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
    if (dialect.form !== undefined || !mayBeSpokenAt(path, dialect, provider)) continue
    const { model, stream } = peek(dialect, path, body) ?? {}
    if (model === undefined || stream === undefined) continue
    const plan = ownPlan(dialect, spokenAbout(provider, model))
    if (plan !== undefined && withoutQuery(planPath(plan, model, stream)) === path) return { dialect, model, stream }
  }
  return undefined
}

/** As far as a path shows it before the model is known: of a long body even one look for it is long. */
function mayBeSpokenAt(path: string, dialect: Dialect, { preset }: ConfiguredProvider): boolean {
  return preset.speaks.some((spoken) => {
    if (dialectOf(spoken) !== dialect.id) return false
    return [false, true].some((stream) => {
      const pattern = withoutQuery(planPath({ kind: 'passthrough', dialect, spoken }, anyModel, stream)).split(anyModel)
      return path.startsWith(pattern[0]!) && path.endsWith(pattern.at(-1)!)
    })
  })
}

/** Stands for a model's name. */
const anyModel = '-any-model-'

function withoutQuery(path: string): string {
  return path.split('?', 1)[0]!
}

function peek(dialect: Dialect, path: string, body: Uint8Array): Pick<Peek, 'model' | 'stream'> | undefined {
  try {
    return dialect.peekPath?.(path) ?? dialect.peek(body)
  } catch {
    return undefined
  }
}
