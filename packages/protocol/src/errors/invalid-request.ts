import { SluiceError } from './sluice-error.ts'

/** A request that is wrong at one place: `` `messages[0].role` is missing. `` */
export function invalid(param: string, problem: string): SluiceError {
  return new SluiceError('invalid_request', `\`${param}\` ${problem}.`, { param })
}
