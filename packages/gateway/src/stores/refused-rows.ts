/** SQLSTATEs for what a statement is given: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const ofTheRows = /^(?:22|23|54)[0-9A-Z]{3}$/
/** SQLite's TOOBIG, CONSTRAINT, MISMATCH and RANGE: https://www.sqlite.org/rescode.html */
const ofTheRow: readonly number[] = [18, 19, 20, 25]

/**
 * Whether a failure to write is the rows' own, to be met again with the same ones. A list of what is, not of what is not:
 * all else may be the database's state, which passes.
 */
export function isRowsOwn(error: unknown): boolean {
  // What is no value of a database at all.
  if (error instanceof TypeError || error instanceof RangeError) return true
  if (!(error instanceof Error)) return false
  if ('errcode' in error) return ofTheRow.includes(Number(error.errcode) & 0xff)
  return 'code' in error && typeof error.code === 'string' && ofTheRows.test(error.code)
}
