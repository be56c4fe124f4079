import { describe } from 'vitest'
import { findProgram } from './programs.ts'
import { redisCommands } from './redis.ts'

/**
 * `describe` for tests that need PostgreSQL. Where it is not installed they are left out, with the reason in the title;
 * on CI they fail then.
 */
export function describeOnPostgres(title: string, body: () => void): void {
  describeWith(['initdb'], title, body)
}

/** As `describeOnPostgres`, for Redis or Valkey. */
export function describeOnRedis(title: string, body: () => void): void {
  describeWith(redisCommands, title, body)
}

function describeWith(commands: readonly string[], title: string, body: () => void): void {
  const isHere = findProgram(...commands) !== undefined
  const leftOut = !isHere && !process.env['CI']
  const why = leftOut ? ` (left out: ${commands.join(' or ')} is not installed)` : ''
  describe.skipIf(leftOut)(`${title}${why}`, () => {
    body()
  })
}
