import type { Check } from './check.ts'
import { runTool, toFindings } from './run-tool.ts'

export const formattingCheck: Check = {
  name: 'formatting',
  fix: 'Run `npm run format`.',
  run: async (project) =>
    toFindings('oxfmt', await runTool(project, 'oxfmt', ['--list-different']), /^(?<file>\S+\.\w+)$/),
}
