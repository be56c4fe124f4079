import { SluiceError } from '@sluice/protocol'

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `30d`, `12h`, `45m`, `90s` or `0`. @param or what else is taken there. @throws SluiceError `invalid_config` */
export function readDuration(text: string, option: string, or = ''): number {
  const [, count, unit] = /^(\d{1,6}(?:\.\d{1,3})?)([smhd])$/.exec(text.trim()) ?? []
  if (text.trim() === '0') return 0
  if (count !== undefined && unit !== undefined) return Number(count) * units[unit]!
  throw new SluiceError('invalid_config', `${option}: write a time such as 30d, 12h, 45m or 90s${or}.`)
}
