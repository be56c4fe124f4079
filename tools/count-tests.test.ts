import { expect, test } from 'vitest'
import { countTests, type TestReport } from './count-tests.ts'

const options = { status: 0, root: '/repo', skipsFail: true }

function report(...statuses: readonly string[]): TestReport {
  const assertionResults = statuses.map((status, index) => ({
    status,
    fullName: `test ${index}`,
    failureMessages: status === 'failed' ? ['expected 1 to be 2'] : [],
  }))
  const status = statuses.includes('failed') ? 'failed' : 'passed'
  return { testResults: [{ name: '/repo/a.test.ts', status, message: '', assertionResults }] }
}

test('counts what passed and what failed', () => {
  expect(countTests(report('passed', 'failed', 'passed'), { ...options, status: 1 })).toEqual({
    passed: 2,
    failed: 1,
    failures: ['a.test.ts: "test 1" failed: expected 1 to be 2'],
  })
})

test('a test that did not run is a failure on CI, and named', () => {
  expect(countTests(report('passed', 'skipped', 'todo'), options)).toEqual({
    passed: 1,
    failed: 2,
    failures: ['a.test.ts: "test 1" did not run (skipped)', 'a.test.ts: "test 2" did not run (todo)'],
  })
  expect(countTests(report('passed', 'skipped'), { ...options, skipsFail: false })).toMatchObject({
    passed: 1,
    failed: 0,
  })
})

test('a file that could not be loaded is a failure', () => {
  const broken = { name: '/repo/b.test.ts', status: 'failed', message: 'no such module', assertionResults: [] }
  const both = { testResults: [...report('passed').testResults, broken] }
  expect(countTests(both, { ...options, status: 1 })).toMatchObject({
    passed: 1,
    failed: 1,
    failures: ['b.test.ts could not run: no such module'],
  })
})

test.each([
  ['no report', undefined, 1],
  ['no tests', { testResults: [] }, 0],
  ['a bad end after good tests', report('passed'), 1],
])('never good: %s', (_, given, status) => {
  expect(countTests(given, { ...options, status }).failed).toBe(1)
})
