import { expect, test } from 'vitest'
import { recordHead, recordLine } from './usage-lines.ts'

const record = {
  id: 'a-1',
  request_id: 'req-1',
  at: '2026-11-21T10:00:00.000Z',
  key_id: 'key_1',
  tags: ['blue', 'say "hi"'],
  requested_model: '=cmd|"/c calc"!A1',
  stream: true,
  outcome: 'ok',
  usage: { input: 10, output: 5 },
  cost_nano_usd: 0,
  attempts: [{}, {}],
}

function cells(line: string): Readonly<Record<string, string>> {
  const head = recordHead('csv').trim().split(',')
  const parts = [...line.trim().matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell = '']) => cell)
  return Object.fromEntries(head.map((name, index) => [name, parts[index] ?? '']))
}

test('a record is one line of as many cells as the head has, empty where nothing is known', () => {
  expect(cells(recordLine(record, 'csv'))).toMatchObject({
    id: 'a-1',
    tags: '"blue say ""hi"""',
    stream: 'true',
    attempts: '2',
    cost_nano_usd: '0',
    cost_source: '',
    input: '10',
    output: '5',
    reasoning: '',
  })
})

test('what a caller named is no formula to a spreadsheet', () => {
  expect(cells(recordLine(record, 'csv'))['requested_model']).toBe(`"'=cmd|""/c calc""!A1"`)
})

test('a line of JSON is the record', () => {
  expect(recordHead('jsonl')).toBe('')
  expect(JSON.parse(recordLine(record, 'jsonl'))).toEqual(record)
})
