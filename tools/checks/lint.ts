import type { Check } from './check.ts'
import { runTool, toFindings } from './run-tool.ts'

export const lintCheck: Check = {
  name: 'lint',
  fix: 'Correct the code; an exception needs a comment with its reason.',
  run: async (project) => {
    const run = await runTool(project, 'oxlint', ['--format=unix'])
    return toFindings('oxlint', run, /^(?<file>[^:]+):(?<line>\d+):\d+: (?<message>.+)$/)
  },
}
