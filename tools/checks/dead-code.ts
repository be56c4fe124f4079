import type { Check, Finding } from './check.ts'
import { runTool, toFindings } from './run-tool.ts'

export const deadCodeCheck: Check = {
  name: 'dead code',
  fix: 'Remove what nobody uses, or make it private to its file.',
  run: async (project) => {
    const run = await runTool(project, 'knip', ['--reporter=compact', '--no-progress', '--no-config-hints'])
    const findings = run.status === 0 ? [] : readCompact(run.output)
    return findings.length > 0 ? findings : toFindings('knip', run, /(?!)/)
  },
}

/** `Unused exports (2)`, then lines of `file: names`. */
function readCompact(output: string): Finding[] {
  let heading = ''
  return output.split('\n').flatMap((line): Finding[] => {
    const [, title] = /^(\w[\w ]+) \(\d+\)$/.exec(line) ?? []
    if (title !== undefined) heading = title.toLowerCase()
    const [, file, names] = /^([^:\s]+): (.+)$/.exec(line) ?? []
    return file === undefined ? [] : [{ file, message: names === file ? heading : `${heading}: ${names}` }]
  })
}
