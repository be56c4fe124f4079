import { withoutRoutingMembers } from '@sluice/protocol'
import type { BodyStream, Destination } from '../transport/transport.ts'
import type { Exchange, RestOfBody } from './exchange.ts'
import { parseLossless } from './lossless-json.ts'
import type { TargetQuirks } from './quirks.ts'
import { refuseLosses } from './strict.ts'
import type { Target } from './target.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export interface BodyOptions {
  /** Edit the request in place where its bytes allow it. */
  readonly fastPath: boolean
  /** Refuse a request of which something would be lost. */
  readonly strict: boolean
}

/** What is sent to a target: of any request, whoever wrote it. Throws `SluiceError` for what cannot be sent there. */
export function prepareBody(
  exchange: Exchange,
  target: Target,
  options: BodyOptions,
): readonly Uint8Array[] | BodyStream {
  const beginning =
    (exchange.strict ?? options.strict)
      ? refuseLosses(exchange, target, () => bodyFor(exchange, target, options.fastPath))
      : bodyFor(exchange, target, options.fastPath)
  return exchange.rest === undefined ? beginning : followedBy(beginning, exchange.rest)
}

/** Where a request goes, with the headers of the caller's that go on to a provider of the same dialect. */
export function addressOf(exchange: Exchange, target: Target): Destination {
  const destination = exchange.peek.stream ? target.streamDestination : target.destination
  const { forwardedHeaders } = exchange
  if (forwardedHeaders === undefined || target.plan.kind !== 'passthrough') return destination
  // The caller's word on its own dialect counts more than our default for it.
  const headers = [...forwardedHeaders]
  const forwards = (name: string): boolean => forwardedHeaders.some((text, index) => index % 2 === 0 && text === name)
  for (let index = 0; index < destination.headers.length; index += 2) {
    const [name, value] = [destination.headers[index]!, destination.headers[index + 1]!]
    if (!forwards(name)) headers.push(name, value)
  }
  return { ...destination, headers }
}

/** What would be sent to the target, in pieces. */
export function bodyFor(exchange: Exchange, target: Target, fastPath: boolean): readonly Uint8Array[] {
  const { plan } = target
  return plan.kind === 'translate' ? plan.body(exchange, target) : relayedBody(exchange, target, fastPath)
}

function followedBy(beginning: readonly Uint8Array[], rest: RestOfBody): BodyStream {
  let size = rest.size
  for (const piece of beginning) if (size !== undefined) size += piece.length
  return {
    size,
    async *[Symbol.asyncIterator]() {
      yield* beginning
      yield* rest
    },
  }
}

function relayedBody(exchange: Exchange, target: Target, fastPath: boolean): readonly Uint8Array[] {
  const { dialect } = target.plan
  const changes = exchange.peek.stream ? target.streamChanges : target.changes
  const remembered = exchange.memory?.bodyFor(target)
  const chooses = exchange.peek.choosesRoute === true && target.provider.preset.choosesRoute !== true
  const other = chooses ? withoutRoutingMembers(remembered ?? exchange.body) : remembered
  if (other !== undefined) {
    const rewritten = dialect.rewrite(other, changes)
    return [target.quirks?.matter(other) ? applied(target.quirks, rewritten, exchange) : rewritten]
  }
  if (target.quirks?.matter(exchange.body))
    return [applied(target.quirks, dialect.rewrite(exchange.body, changes), exchange)]
  return (
    (fastPath ? dialect.patch?.(exchange.body, exchange.peek, changes) : undefined) ?? [
      dialect.rewrite(exchange.body, changes),
    ]
  )
}

/** Numbers that nothing concerns stay as they are written. */
function applied(quirks: TargetQuirks, body: Uint8Array, exchange: Exchange): Uint8Array {
  return encoder.encode(JSON.stringify(quirks.apply(parseLossless(decoder.decode(body)), exchange)))
}
