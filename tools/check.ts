import { join } from 'node:path'
import process from 'node:process'
import type { Check } from './checks/check.ts'
import { conventionsCheck } from './checks/conventions.ts'
import { cyclesCheck } from './checks/cycles.ts'
import { deadCodeCheck } from './checks/dead-code.ts'
import { docsErrorsCheck } from './checks/docs-errors.ts'
import { docsLinksCheck } from './checks/docs-links.ts'
import { fileLengthCheck } from './checks/file-length.ts'
import { formattingCheck } from './checks/formatting.ts'
import { generatedCheck } from './checks/generated.ts'
import { layersCheck } from './checks/layers.ts'
import { leftoversCheck } from './checks/leftovers.ts'
import { lintCheck } from './checks/lint.ts'
import { packagesCheck } from './checks/packages.ts'
import { openProject, type Project } from './checks/project.ts'
import { providerIdsCheck } from './checks/provider-ids.ts'
import { publishedCheck } from './checks/published.ts'
import { typesCheck } from './checks/type-check.ts'

/** Cheap ones first, so that a mistake is told soon. */
const checks: readonly Check[] = [
  layersCheck,
  cyclesCheck,
  providerIdsCheck,
  conventionsCheck,
  fileLengthCheck,
  leftoversCheck,
  packagesCheck,
  docsErrorsCheck,
  docsLinksCheck,
  generatedCheck,
  formattingCheck,
  lintCheck,
  typesCheck,
  deadCodeCheck,
  publishedCheck,
]

/** `npm run check`, or `npm run check -- layers types` for some of them. Ends with `N passed, N failed`. */
async function main(names: readonly string[]): Promise<void> {
  const chosen = names.length === 0 ? checks : checks.filter(({ name }) => names.some((part) => name.includes(part)))
  const project = openProject(join(import.meta.dirname, '..'))
  let failed = 0
  for (const check of chosen) if (!(await runCheck(check, project))) failed++
  console.log(`\n${chosen.length - failed} passed, ${failed} failed`)
  process.exitCode = failed > 0 || chosen.length === 0 ? 1 : 0
}

async function runCheck({ name, fix, run }: Check, project: Project): Promise<boolean> {
  const started = performance.now()
  const findings = await run(project)
  const passed = findings.length === 0
  console.log(`${passed ? '✓' : '✗'} ${name} (${Math.round(performance.now() - started)} ms)`)
  for (const { file, line, message } of findings)
    console.log(`    ${file}${line === undefined ? '' : `:${line}`}  ${message}`)
  if (!passed) console.log(`    → ${fix}`)
  return passed
}

await main(process.argv.slice(2))
