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
