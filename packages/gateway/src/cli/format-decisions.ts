import { styleText } from 'node:util'
import type { Decision } from 'sluice'
import { formatTable } from './format-table.ts'
import type { Terminal } from './terminal.ts'

/** The choices that routes made, each with its candidates below it. */
export function formatDecisions(decisions: readonly Decision[], { stdout }: Terminal): string {
  const mark = { picked: styleText('green', '✓', { stream: stdout }), passed: '·', filtered: '✗' }
  return decisions
    .map(({ route, candidates }) => {
      const rows = candidates.map(({ name, outcome, reason, score }) => [
        `  ${mark[outcome]}`,
        name,
        outcome,
        reason ?? (score === undefined ? '' : `score ${Number(score.toPrecision(4))}`),
      ])
      return `Route ${route}\n${formatTable(rows)}`
    })
    .join('')
}
