import { expect, test } from 'vitest'
import { isRowsOwn } from './refused-rows.ts'

const failure = (more: object): Error => Object.assign(new Error('It failed.'), more)

test.each(['22003', '22P02', '22021', '23502', '23505', '23514', '54000'])('PostgreSQL says it of rows: %s', (code) => {
  expect(isRowsOwn(failure({ code }))).toBe(true)
})

// Away, shutting down, no rights, full, too many connections, locked, undefined table and column, read-only, timed out.
test.each(['08006', '57P01', '42501', '53100', '53300', '55P03', '42P01', '42703', '25006', '57014', 'ECONNREFUSED'])(
  'PostgreSQL does not say it of rows: %s',
  (code) => {
    expect(isRowsOwn(failure({ code }))).toBe(false)
  },
)

test('SQLite says it of rows with its codes of types and constraints', () => {
  for (const errcode of [18, 19, 20, 275, 787, 1299, 1555]) expect(isRowsOwn(failure({ errcode }))).toBe(true)
  // A general error such as a missing table, busy, locked, read-only, I/O, corrupt, full, cannot open, schema changed.
  for (const errcode of [1, 5, 6, 8, 10, 11, 13, 14, 17, 517]) expect(isRowsOwn(failure({ errcode }))).toBe(false)
})
