import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { run } from './run.ts'

/** All that it says. */
async function sluice(words: readonly string[], directory: string): Promise<string> {
  let said = ''
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      said += chunk.toString()
      done()
    },
  })
  const environment = { SLUICE_DATA_DIR: directory }
  const code = await run(words, { stdout: stream, stderr: stream, stdin: process.stdin, environment, directory })
  if (code !== 0) throw new Error(said)
  return said
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
