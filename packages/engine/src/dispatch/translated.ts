import { SluiceError, type Tap, type Warning } from '@sluice/protocol'
import type { Exchange } from './exchange.ts'
import { neutralRequest } from './neutral-request.ts'
import type { TranslatePlan } from './plan.ts'
import type { Target } from './target.ts'

const encoder = new TextEncoder()

/** The request as the provider's dialect says it. */
export function translatedBody(exchange: Exchange, target: Target, plan: TranslatePlan): readonly Uint8Array[] {
  const request = {
    ...neutralRequest(exchange, plan.caller, target),
    model: target.model,
    stream: exchange.peek.stream,
  }
  if (request.remembered !== undefined) {
    throw new SluiceError(
      'invalid_request',
      `\`${request.remembered}\` can be asked only of a provider that keeps the state, and ${target.provider.name} does not speak this API. Send the whole conversation instead.`,
      { param: request.remembered },
    )
  }
  const reasoningMember = target.quirks?.reasoningMember
  const context =
    reasoningMember === undefined
      ? exchange
      : { warn: (warning: Warning): void => exchange.warn(warning), reasoningMember }
  const wire = plan.translator.request(request, context)
  return [encoder.encode(JSON.stringify(target.quirks?.apply(wire, exchange) ?? wire))]
}

/** @param streams whether the provider answers with a stream. */
export function translatingTap(exchange: Exchange, target: Target, plan: TranslatePlan, streams: boolean): Tap {
  const { stream, usageRequested } = exchange.peek
  const asked = {
    request: neutralRequest(exchange, plan.caller, target),
    stream,
    usageRequested,
    context: exchange,
    head: exchange.memory?.head,
    unsaid: { model: target.model, created: Math.floor(Date.now() / 1000) },
  }
  return streams ? plan.translator.stream(asked) : plan.translator.result(asked)
}
