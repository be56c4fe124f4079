/** Whether a place of a database is PostgreSQL's URL; all others are directories. */
export function isPostgres(place: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(place)
}
