import { routingMembers } from '@sluice/protocol'
import type { Quirk } from '../provider-kit/quirk.ts'
import type { Destination } from '../transport/transport.ts'
import { applicableQuirks } from './applicable-quirks.ts'
import type { Exchange } from './exchange.ts'
import type { TargetQuirks } from './quirks.ts'
import type { Target } from './target.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * What is sent to a target, of a request that our own client wrote: as `prepareBody`, without the care for bytes that
 * others wrote.
 */
export function ownBody(exchange: Exchange, target: Target): readonly Uint8Array[] {
  const { plan, quirks, provider } = target
  const { body, peek } = exchange
  if (plan.kind === 'translate') return plan.body(exchange, target)
  const changes = peek.stream ? target.streamChanges : target.changes
  const chooses = peek.choosesRoute === true && provider.preset.choosesRoute !== true
  if (!chooses && quirks?.matter(body) !== true)
    return plan.dialect.patch?.(body, peek, changes) ?? [plan.dialect.rewrite(body, changes)]
  const request = JSON.parse(decoder.decode(plan.dialect.rewrite(body, changes))) as Record<string, unknown>
  if (chooses) for (const name of routingMembers) delete request[name]
  return [encoder.encode(JSON.stringify(quirks?.apply(request, exchange) ?? request))]
}

/** Where such a request goes. */
export function ownAddress({ peek }: Exchange, { streamDestination, destination }: Target): Destination {
  return peek.stream ? streamDestination : destination
}

/** As `quirksFor`, for requests that our own client wrote. */
export function ownQuirks(
  quirks: readonly Quirk[] | undefined,
  dialect: string,
  model: string,
): TargetQuirks | undefined {
  const applicable = applicableQuirks(quirks, dialect, model)
  if (applicable === undefined) return undefined
  const { own } = applicable
  return {
    ...applicable,
    matter(body) {
      const text = decoder.decode(body)
      const concerns = (member: string): boolean => text.includes(`"${member}":`)
      return own.some(({ members }) => members.length === 0 || members.some(concerns))
    },
  }
}
