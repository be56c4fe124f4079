import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { printed } from './run-for-tests.ts'

function sluice(words: readonly string[], directory: string): Promise<string> {
  return printed(words, { SLUICE_DATA_DIR: directory }, directory)
}

test('budgets of keys are made, refused where they are none, and shown', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-budgets-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  expect(await sluice(['budgets'], folder)).toContain('Nothing is spent of any budget')
  await sluice(['keys', 'create', 'newcomer', '--budget', '1', '--budget-period', 'total'], folder)
  await sluice(['keys', 'create', 'busy', '--requests-per-minute', '5', '--concurrent-requests', '2'], folder)
  const keys = await sluice(['keys', 'list'], folder)
  expect(keys).toContain('1 USD total')
  expect(keys).toContain('5 requests per minute; 2 concurrent requests')
  expect(await sluice(['budgets'], folder)).toMatch(/newcomer +key key_\w+ +1 total +0 +1 +– +never +key +key_/)
  const [id = ''] = /key_\w+/.exec(await sluice(['budgets'], folder)) ?? []
  expect(await sluice(['budgets', 'raise', id, '--by', '2', '--until', '7d'], folder)).toMatch(
    /"newcomer" is 3 USD until \S+, then 1 USD again/,
  )
  expect(await sluice(['budgets'], folder)).toMatch(/ 3 total +0 +3 /)
  expect(JSON.parse(await sluice(['budgets', '--json'], folder))).toMatchObject([{ budget_id: id, amount: 3 }])
  await expect(sluice(['budgets', 'raise', id, '--by', 'more', '--until', '7d'], folder)).rejects.toThrow('--by')
  await expect(sluice(['budgets', 'raise', id, '--by', '2', '--until', 'soon'], folder)).rejects.toThrow('--until')
  await expect(sluice(['keys', 'create', 'odd', '--budget', 'much'], folder)).rejects.toThrow('--budget: expected')
  await expect(sluice(['keys', 'create', 'odd', '--budget-period', 'daily'], folder)).rejects.toThrow(
    'give --budget too',
  )
})

test('limits and the budget of a key are changed one by one, and taken away', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-budgets-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const update = async (...words: readonly string[]): Promise<object> =>
    JSON.parse(await sluice(['keys', 'update', 'ci', '--json', ...words], folder)) as object
  const created = ['--requests-per-minute', '5', '--budget', '1', '--budget-period', 'total', '--tags', 'env:test']
  await sluice(['keys', 'create', 'ci', ...created], folder)
  const [state] = JSON.parse(await sluice(['budgets', '--json'], folder)) as [{ budget_id: string }]
  await sluice(['budgets', 'raise', state.budget_id, '--by', '2', '--until', '2100-01-01'], folder)
  expect(await update('--concurrent-requests', '2', '--budget', '3')).toMatchObject({
    limits: { requests_per_minute: 5, concurrent_requests: 2 },
    budget: { amount: 3, period: 'total', raise: { by: 2 } },
    tags: ['env:test'],
  })
  expect(await update('--requests-per-minute', 'none', '--budget-period', 'none', '--models', 'gpt-*')).toMatchObject({
    limits: { concurrent_requests: 2 },
    budget: { amount: 3, raise: { by: 2 } },
    models: ['gpt-*'],
  })
  const nothing = ['--concurrent-requests', 'none', '--budget', 'none', '--models', 'none', '--tags', 'none']
  expect(await update(...nothing, '--name', 'ci')).toMatchObject({ limits: null, budget: null, models: null, tags: [] })
  await expect(update('--budget-period', 'daily')).rejects.toThrow('give --budget too')
  await expect(update()).rejects.toThrow('Say what is to be changed')
})
