import { SluiceError } from '@sluice/protocol'

/** @param name absent where the default one is meant, and there is none. */
export function providerNotFound(name: string | undefined, configured: readonly string[]): SluiceError {
  const problem =
    name === undefined ? 'There is no default provider' : `No provider "${name.slice(0, 100)}" is configured`
  const way =
    configured.length === 0 ? 'none is' : `there ${configured.length === 1 ? 'is' : 'are'} ${configured.join(', ')}`
  return new SluiceError('provider_not_found', `${problem}: ${way}.`, { param: 'provider' })
}
