import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { countTests, type TestCount, type TestReport } from './count-tests.ts'

interface Suite {
  readonly title: string
  /** Parts of paths; none for all. */
  readonly filters: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const root = join(import.meta.dirname, '..')

/** Everything, then once more what a caller sees with the fast path off: both must be the same. */
const allSuites: readonly Suite[] = [
  { title: 'all tests', filters: [] },
  { title: 'fast path off', filters: ['tests/conformance', 'tests/faults'], env: { SLUICE_FAST_PATH: 'off' } },
]

/** `npm test`, or `npm test -- packages/protocol` for some. Ends with `N passed, N failed`. */
async function main(filters: readonly string[]): Promise<void> {
  const suites = filters.length === 0 ? allSuites : [{ title: 'chosen tests', filters }]
  const counts: TestCount[] = []
  for (const suite of suites) {
    console.log(`\n── ${suite.title}`)
    const count = await runSuite(suite)
    counts.push(count)
  }
  // Again at the end: of a long run, the end is what people see.
  for (const failure of counts.flatMap((count) => count.failures)) console.log(`✗ ${failure}`)
  const sum = (of: 'passed' | 'failed'): number => counts.reduce((total, count) => total + count[of], 0)
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`)
  process.exitCode = sum('failed') > 0 || sum('passed') === 0 ? 1 : 0
}

async function runSuite({ filters, env }: Suite): Promise<TestCount> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-tests-'))
  const reportFile = join(folder, 'report.json')
  try {
    const status = await runVitest(
      [...filters, '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`],
      env,
    )
    return countTests(readReport(reportFile), { status, root, skipsFail: Boolean(process.env['CI']) })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function runVitest(args: readonly string[], env: Suite['env']): Promise<number> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const child = spawn(process.execPath, ['--conditions=sluice-source', vitest, 'run', ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: 'inherit',
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve(status ?? 1))
  })
}

/** `undefined` when the run died before it could write one. */
function readReport(file: string): TestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as TestReport
  } catch {
    return undefined
  }
}

await main(process.argv.slice(2))
