import { type NeutralRequest, routingMembers, type TranslatableDialect } from '@sluice/protocol'
import type { Exchange } from './exchange.ts'
import type { Target } from './target.ts'

/** What reads requests of a dialect into the neutral form. */
interface RequestReader {
  readonly request: Pick<TranslatableDialect['request'], 'decode'>
}

const decoder = new TextDecoder()

/**
 * A request in neutral form, as `caller` reads it; worked out once, or once for each dialect that is told of earlier
 * requests otherwise. Throws `SluiceError` for what cannot be read.
 */
export function neutralRequest(exchange: Exchange, caller: RequestReader, target: Target): NeutralRequest {
  const { memory, neutral } = exchange
  const wire = memory?.wireFor(target)
  if (neutral !== undefined && neutral.wire === wire) return neutral.request
  const request = caller.request.decode(memory === undefined ? ownWire(exchange, target) : wire, exchange)
  exchange.neutral = { wire, request }
  return request
}

/** With the model that was found, where none was named: dialects ask for one. */
function ownWire({ body, peek }: Exchange, { model }: Target): unknown {
  const wire: unknown = JSON.parse(decoder.decode(body))
  if (typeof wire !== 'object' || wire === null || Array.isArray(wire)) return wire
  const request = wire as Record<string, unknown>
  // What was said for routing is no provider's business.
  if (peek.choosesRoute === true) for (const name of routingMembers) delete request[name]
  return peek.model !== undefined || 'model' in request ? request : { ...request, model }
}
