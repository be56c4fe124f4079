import type { LimitStanding } from '../../dialect.ts'

const names = {
  requests: 'requests',
  tokens: 'tokens',
  'input-tokens': 'input-tokens',
  'output-tokens': 'output-tokens',
} as const

/** https://platform.claude.com/docs/en/api/rate-limits#response-headers */
export function encodeLimitHeaders(standings: readonly LimitStanding[]): string[] {
  const headers: string[] = []
  for (const { measure, limit, remaining, resetAt } of standings) {
    const name = `anthropic-ratelimit-${names[measure]}`
    headers.push(`${name}-limit`, String(limit), `${name}-remaining`, String(remaining))
    headers.push(
      `${name}-reset`,
      resetAt()
        .toISOString()
        .replace(/\.\d+Z$/, 'Z'),
    )
  }
  return headers
}
