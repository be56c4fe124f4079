import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Outcome, runForTests } from './run-for-tests.ts'

interface Place {
  readonly data: string
  run(...words: readonly string[]): Promise<Outcome>
}

/** Where no gateway ever ran. */
function nowhere(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-nowhere-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const data = join(folder, 'data')
  return { data, run: (...words) => runForTests(words, { SLUICE_DATA_DIR: data }, folder) }
}

test.each([
  ['usage'],
  ['keys', 'list'],
  ['audit'],
  ['budgets'],
  ['limits', 'list'],
  ['sites', 'list'],
  ['usage', 'export'],
  ['secrets', 'rotate'],
])('%s %s makes no database where there is none, and says so', async (...words) => {
  const { data, run } = nowhere()
  const { code, stderr } = await run(...words)
  expect(code).toBe(0)
  expect(stderr).toBe(
    `There is no database in ${data}, so nothing was ever kept there. Give --config or --url, or run this where the gateway runs.\n`,
  )
  expect(readdirSync(join(data, '..'))).toEqual([])
})

test.each([
  ['keys', 'show', 'first'],
  ['keys', 'delete', 'key_0'],
  ['keys', 'rotate', 'key_0'],
  ['limits', 'update', 'lim_0', '--requests-per-minute', '5'],
])('%s %s of what is nowhere makes no database either', async (...words) => {
  const { data, run } = nowhere()
  const { code, stderr } = await run(...words)
  expect(code).toBe(1)
  expect(stderr).toContain(`There is no database in ${data}`)
  expect(readdirSync(join(data, '..'))).toEqual([])
})

test.each([
  ['config', 'show'],
  ['cache', 'status'],
])('%s %s needs no database, and asks for none', async (...words) => {
  const { data, run } = nowhere()
  expect(await run(...words)).toMatchObject({ code: 0, stderr: '' })
  expect(readdirSync(join(data, '..'))).toEqual([])
})

test('what makes something says where', async () => {
  const { data, run } = nowhere()
  const first = await run('keys', 'create', 'first')
  expect(first).toMatchObject({
    code: 0,
    stderr: `Written to the database in ${data}, which is new: only a gateway that uses it knows of this.\n`,
  })
  const second = await run('keys', 'create', 'second')
  expect(second).toMatchObject({ code: 0, stderr: `Written to the database in ${data}.\n` })
  expect(await run('keys', 'create', 'third', '--json')).toMatchObject({ code: 0, stderr: '' })
  const { stdout, stderr } = await run('keys', 'list')
  expect([stdout.includes('third'), stderr]).toEqual([true, ''])
})

test('what takes several steps says once where it made all', async () => {
  const { data, run } = nowhere()
  const { code, stderr } = await run('sites', 'create', 'Shop')
  expect([code, stderr.split(data)]).toMatchObject([
    0,
    ['Written to the database in ', expect.stringMatching(/^, which/)],
  ])
})
