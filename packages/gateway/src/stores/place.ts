import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Whether a place of a database is PostgreSQL's URL; all others are directories. */
export function isPostgres(place: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(place)
}

/** For people, without user and password: `the database app at db.example:5432`, `the database in .sluice`. */
export function describePlace(place: string): string {
  if (!isPostgres(place)) return `the database in ${place}`
  const { pathname, host } = new URL(place)
  return `the database${pathname.length > 1 ? ` ${pathname.slice(1)}` : ''}${host === '' ? '' : ` at ${host}`}`
}

export const databaseName = 'sluice.db'

/** Whether there is a database in a directory; whether there is one at a URL, its server knows. */
export function isThere(place: string): boolean {
  return isPostgres(place) || existsSync(join(place, databaseName))
}
