import { relative } from 'node:path'

/** What is read of vitest's JSON report. */
export interface TestReport {
  readonly testResults: readonly {
    /** The file's absolute path. */
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

export interface TestCount {
  readonly passed: number
  readonly failed: number
  /** What counts as failed without being a failed test, and why. */
  readonly complaints: readonly string[]
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
  const failed = tests.filter((test) => test.status === 'failed').length
  const complaints = files
    .filter((file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'))
    .map((file) => `${relative(root, file.name)} could not run: ${file.message}`)
  if (skipsFail) {
    const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed')
    complaints.push(...skipped.map((test) => `${test.file}: "${test.fullName}" did not run (${test.status})`))
  }
  if (passed + failed + complaints.length === 0) complaints.push('no test ran')
  if (status !== 0 && failed + complaints.length === 0)
    complaints.push(`the run ended with status ${status}; see above`)
  return { passed, failed: failed + complaints.length, complaints }
}
