import { SluiceError } from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'
import { modelsDestination } from '../provider-kit/destination.ts'
import { collect } from '../transport/collect.ts'
import type { Transport } from '../transport/transport.ts'

const timeouts = { connect: 5_000, firstByte: 15_000, idle: 15_000 }
/** OpenRouter's list is about 2 MB. */
const bodyLimit = 16 * 1024 * 1024

/**
 * The parsed body of a provider's list of models, in whatever shape it has.
 * @throws SluiceError when it cannot be had; the message says why, for operators.
 */
export async function fetchModels(provider: ConfiguredProvider, transport: Transport): Promise<unknown> {
  const destination = modelsDestination(provider)
  if (destination === undefined)
    throw new SluiceError('unsupported_operation', `${provider.name} has no list of models.`)
  const { status, body } = await collect(transport, { destination, method: 'GET', body: [], timeouts }, bodyLimit)
  if (status === 401 || status === 403) {
    throw new SluiceError('upstream_authentication_failed', `${provider.name} refused the key for its list of models.`)
  }
  if (status >= 300) {
    throw new SluiceError('upstream_error', `${provider.name} answered with status ${status} for its list of models.`)
  }
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown
  } catch {
    throw new SluiceError('upstream_invalid_response', `The list of models of ${provider.name} is not valid JSON.`)
  }
}
