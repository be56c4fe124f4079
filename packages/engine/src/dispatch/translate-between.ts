import { openaiChatReader, type Tap, type TranslatableDialect } from '@sluice/protocol'
import type { FindPlan } from './plan.ts'
import { planFor } from './plan-for.ts'

/**
 * For `createCore`: reaches providers that speak others of these dialects than the caller, by translation.
 * `translateBetween(openaiChat, anthropicMessages)`, the latter from `sluice/dialects`.
 */
export function translateBetween(...dialects: readonly TranslatableDialect[]): FindPlan {
  const known = new Map(dialects.map((dialect) => [dialect.id, dialect]))
  return (dialect, provider, model) => {
    const plan = planFor(dialect, provider, model, known)
    if (plan.kind !== 'translate' || dialect !== openaiChatReader) return plan
    return {
      ...plan,
      tap(exchange, target, streams) {
        const { tap } = openaiChatReader
        const reader = exchange.peek.stream ? tap.stream({ hideUsage: false }) : tap.result()
        return readThrough(plan.tap(exchange, target, streams), reader)
      },
    }
  }
}

/** Reads what another tap gives out. */
function readThrough(tap: Tap, reader: Tap): Tap {
  const read = (bytes: Uint8Array | undefined): undefined => void (bytes !== undefined && reader.write(bytes))
  return {
    write: (chunk) => read(tap.write(chunk)),
    end() {
      read(tap.end())
      if (tap.error === undefined) reader.end()
      return undefined
    },
    get started() {
      return reader.started
    },
    get error() {
      return tap.error ?? reader.error
    },
    get complete() {
      return tap.complete && reader.complete
    },
    usage: () => tap.usage(),
    finishReason: () => tap.finishReason(),
    reading: reader.reading!,
  }
}
