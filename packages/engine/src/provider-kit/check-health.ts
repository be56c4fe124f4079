import type { ConfiguredProvider } from '../config/config.ts'
import { collect } from '../transport/collect.ts'
import type { Transport } from '../transport/transport.ts'
import { SluiceError } from '@sluice/protocol'
import { healthDestination } from './destination.ts'

/** How a provider is, as it says itself. */
export interface ProviderHealth {
  /**
   * `healthy` answers and takes the key; `degraded` answers, but with failures or limits; `unauthorized` refuses
   * the key; `unreachable` does not answer; `unknown` has nothing that could be asked without cost.
   */
  readonly state: 'healthy' | 'degraded' | 'unauthorized' | 'unreachable' | 'unknown'
  /** Why, where it is not healthy. */
  readonly reason?: string
}

const timeouts = { connect: 5_000, firstByte: 10_000, idle: 10_000 }
const bodyLimit = 16 * 1024 * 1024

/** Asks a provider for something that costs nothing. Never throws. */
export async function checkHealth(provider: ConfiguredProvider, transport: Transport): Promise<ProviderHealth> {
  try {
    const destination = healthDestination(provider)
    if (destination === undefined)
      return { state: 'unknown', reason: 'This provider has nothing that can be asked without cost.' }
    const { status } = await collect(transport, { destination, method: 'GET', body: [], timeouts }, bodyLimit)
    return judge(status)
  } catch (error) {
    return { state: 'unreachable', reason: error instanceof SluiceError ? error.message : 'The check failed.' }
  }
}

function judge(status: number): ProviderHealth {
  if (status < 300) return { state: 'healthy' }
  if (status === 401 || status === 403)
    return { state: 'unauthorized', reason: `The provider refused the key (status ${status}).` }
  if (status === 402 || status === 429)
    return { state: 'degraded', reason: `The provider limits this key (status ${status}).` }
  return { state: 'degraded', reason: `The provider answered its free endpoint with status ${status}.` }
}
