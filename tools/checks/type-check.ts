import type { Check } from './check.ts'
import { runTool, toFindings } from './run-tool.ts'

/** Sources alone, without Node's types where they run without Node; then tests and tools together. */
export const typesCheck: Check = {
  name: 'types',
  fix: 'Correct the types; `node_modules/.bin/tsc -p <tsconfig>` shows the same.',
  run: async (project) => {
    const configs = project.paths.filter((path) => /^(packages\/[^/]+\/tsconfig|tsconfig)\.json$/.test(path))
    const findings = []
    for (const config of configs) {
      const run = await runTool(project, 'tsc', ['-p', config, '--pretty', 'false'])
      findings.push(
        ...toFindings(`tsc -p ${config}`, run, /^(?<file>[^(]+)\((?<line>\d+),\d+\): error (?<message>.+)$/),
      )
    }
    return findings
  },
}
