import { SluiceError } from '@sluice/protocol'

/** USD of `1` or `0.5`. @throws SluiceError `invalid_config` */
export function readDollars(text: string, option: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value
  throw wrong(option, 'an amount in USD', text)
}

/** @throws SluiceError `invalid_config` */
export function readCount(text: string, option: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw wrong(option, 'a whole number above 0', text)
}

/** Of `0.5,0.8`. @throws SluiceError `invalid_config` */
export function readShares(text: string, option: string): readonly number[] {
  const values = text.split(',').map((share) => (share.trim() === '' ? Number.NaN : Number(share)))
  if (values.every((value) => value >= 0 && value <= 1)) return values
  throw wrong(option, 'shares from 0 to 1, such as 0.5,0.8', text)
}

function wrong(option: string, expected: string, text: string): SluiceError {
  return new SluiceError('invalid_config', `${option}: expected ${expected}, not ${JSON.stringify(text)}.`)
}
