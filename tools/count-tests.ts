import { relative } from 'node:path'

/** What is read of vitest's JSON report. */
export interface TestReport {
  readonly testResults: readonly {
    /** The file's absolute path. */
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly TestResult[]
  }[]
}

export interface TestResult {
  readonly status: string
  readonly fullName: string
  /** What was thrown, with its stack. */
  readonly failureMessages?: readonly string[]
}

export interface TestCount {
  readonly passed: number
  readonly failed: number
  /** What failed, and why: tests, files that could not run, what did not run and should have. */
  readonly failures: readonly string[]
}

export interface CountOptions {
  /** Exit status of the run. */
  readonly status: number
  readonly root: string
  /** Whether a test that was switched off is a failure. */
  readonly skipsFail: boolean
}

/** Counts what really ran. Never says that nothing failed of a run that failed. */
export function countTests(report: TestReport | undefined, { status, root, skipsFail }: CountOptions): TestCount {
  const files = report?.testResults ?? []
  const tests = files.flatMap((file) =>
    file.assertionResults.map((test) => ({ ...test, file: relative(root, file.name) })),
  )
  const passed = tests.filter((test) => test.status === 'passed').length
  const failures = tests
    .filter((test) => test.status === 'failed')
    .map((test) => `${test.file}: "${test.fullName}" failed: ${test.failureMessages?.join('\n') ?? 'without a word'}`)
  const unreadable = files
    .filter((file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'))
    .map((file) => `${relative(root, file.name)} could not run: ${file.message}`)
  failures.push(...unreadable)
  if (skipsFail) {
    const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed')
    failures.push(...skipped.map((test) => `${test.file}: "${test.fullName}" did not run (${test.status})`))
  }
  if (passed + failures.length === 0) failures.push('no test ran')
  if (status !== 0 && failures.length === 0) failures.push(`the run ended with status ${status}; see above`)
  return { passed, failed: failures.length, failures }
}
