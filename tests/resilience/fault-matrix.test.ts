import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { callers } from './callers.ts'
import { type Expectation, expectationOf } from './expectations.ts'
import { renderPage } from './render.ts'
import { goodText, type MatrixResult, type Observation, runMatrix } from './world.ts'

/** Every fault of a provider, for every kind of caller: what follows is a matter of rules, which are in `faults.ts`. */
let result: MatrixResult

beforeAll(async () => {
  result = await runMatrix()
}, 60_000)

function describeCase({ case: one }: Observation): string {
  const { rule, stream, setup, spoken, stage } = one
  const where = rule.after === undefined ? '' : ` after ${rule.after} events (${stage})`
  return `${rule.name}${where}, ${stream ? 'streaming' : 'whole'}, ${setup}, the provider speaks ${spoken.id}`
}

/** Only the words that differ need to be read, so that both are one line. */
function inWords(records: number, of: Expectation): string {
  const { status, told, calls, spareCalls, outcome, attempts, code } = of
  const metered = `${records} record: ${outcome} ${code ?? ''} after ${attempts} attempts`
  return `${status} ${told ?? 'good'}, ${calls} + ${spareCalls} calls, ${metered}`
}

function whatHappened({ status, heard, calls, spareCalls, records }: Observation): string {
  const [record] = records
  const { outcome = 'error', attempts = 0, errorCode: code } = record ?? {}
  return inWords(records.length, { status, told: heard.code, calls, spareCalls, outcome, attempts, code })
}

describe.each(callers.map(({ id }) => [id]))('%s', (id) => {
  const own = (): readonly Observation[] => result.observations.filter(({ case: { caller } }) => caller.id === id)

  test('what the caller is told, who was asked, and what was metered', () => {
    const wrong: string[] = []
    for (const observation of own()) {
      const happened = whatHappened(observation)
      const expected = inWords(1, expectationOf(observation.case))
      if (happened !== expected) wrong.push(`${describeCase(observation)}:\n  ${happened}, not\n  ${expected}`)
    }
    expect(wrong).toEqual([])
  })

  test('a caller is told when to come again, where the provider said so', () => {
    const refused = own().filter(({ status }) => status === 429)
    const wrong = refused.filter(({ case: { rule }, retryAfter }) => retryAfter !== rule.retryAfter)
    expect(wrong.map((one) => `${describeCase(one)}: ${one.retryAfter}`)).toEqual([])
    expect(refused.length).toBeGreaterThan(0)
  })

  test('a stream that died never looks finished, and what was said of it is a beginning', () => {
    for (const observation of own()) {
      const { case: one, heard } = observation
      if (!one.stream || one.stage !== 'amid' || one.rule.leaves === true) continue
      expect(heard.finished, describeCase(observation)).toBe(false)
      expect(goodText.join('').startsWith(heard.text), describeCase(observation)).toBe(true)
      expect(heard.text, describeCase(observation)).not.toBe('')
    }
  })

  test('an answer that is metered as good is whole', () => {
    const good = own().filter(({ case: { rule }, records: [record] }) => record?.outcome === 'ok' && !rule.garbled)
    const broken = good.filter(({ heard, whole }) => !heard.finished || !whole)
    expect(broken.map(describeCase)).toEqual([])
    expect(good.length).toBeGreaterThan(0)
  })
})

test('nothing is left over', () => {
  const { open, active, held } = result
  expect({ open, active, held }).toEqual({ open: 0, active: 0, held: 0 })
})

test('the page about it is what was seen', () => {
  const file = join(import.meta.dirname, '../../docs/resilience.md')
  const page = renderPage(result.observations)
  if (process.env['WRITE_DOCS'] === 'resilience') writeFileSync(file, page)
  expect(readFileSync(file, 'utf8'), 'Run `npm run docs:resilience`, and read what has changed.').toBe(page)
})
