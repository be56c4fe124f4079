import type { Check } from './check.ts'
import { runTool, toFindings } from './run-tool.ts'

export const generatedCheck: Check = {
  name: 'generated files',
  fix: 'Run `npm run generate`.',
  run: async (project) => {
    const run = await runTool(project, 'node', ['--conditions=sluice-source', 'tools/generate.ts', '--check'])
    return toFindings('tools/generate.ts', run, /^(?<file>[\w./-]+) (?<message>is not up to date.*)$/)
  },
}
