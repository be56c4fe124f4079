import { SluiceError } from '@sluice/protocol'

/** What is loaded late; where it does not come, a `SluiceError` that says so. */
export async function whenLoaded<T>(loading: Promise<T>): Promise<T> {
  try {
    return await loading
  } catch (cause) {
    const message = 'A file of Sluice could not be loaded. The next call tries again.'
    throw new SluiceError('internal_error', message, { cause })
  }
}
