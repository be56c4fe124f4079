import { parseMembers, serializeMembers } from './members.ts'

/**
 * What a request may say about its way, in the words of OpenRouter: names to be tried after `model`, and which providers
 * may serve it. https://openrouter.ai/docs/guides/routing/provider-selection
 */
export const routingMembers = ['models', 'provider'] as const

/** The request without them, every other member as it is written. */
export function withoutRoutingMembers(body: Uint8Array): Uint8Array {
  const members = parseMembers(body)
  for (const name of routingMembers) members.delete(name)
  return serializeMembers(members)
}
