import type { Check, Finding } from './check.ts'
import { packageEntries, packageNames, type Project } from './project.ts'
import { runTool, toFindings } from './run-tool.ts'

/** What users install: built, packed and judged, and loaded once the way they load it. */
export const publishedCheck: Check = {
  name: 'published packages',
  fix: 'Correct the build or the package.json; `npm run build` shows the same.',
  run: async (project) => {
    const build = await runTool(project, 'node', ['--conditions=sluice-source', 'tools/build.ts'])
    if (build.status !== 0)
      return toFindings('tools/build.ts', build, /^(?<file>[^(]+)\((?<line>\d+),\d+\): error (?<message>.+)$/)
    const findings: Finding[] = []
    for (const [folder, name] of packageNames(project)) findings.push(...(await judge(project, folder, name)))
    return findings
  },
}

async function judge(project: Project, folder: string, name: string): Promise<Finding[]> {
  const path = `packages/${folder}`
  const lint = await runTool(project, 'publint', ['run', path, '--strict', '--level=warning'])
  const entries = [...packageEntries(project, folder), ...(ofPatterns[name] ?? [])]
  const loads = entries.map((entry) => load(project, entry))
  return [...toFindings(path, lint, /(?!)/), ...(await Promise.all(loads)).flat()]
}

/** One of each pattern that a package exports. */
const ofPatterns: Readonly<Record<string, readonly string[]>> = { sluice: ['sluice/providers/groq'] }

async function load(project: Project, entry: string): Promise<Finding[]> {
  const outcome = await runTool(project, 'node', ['--input-type=module', '--eval', `await import('${entry}')`])
  return toFindings(`import '${entry}'`, outcome, /(?!)/)
}
