import type { Target } from 'sluice'
import { expect, test } from 'vitest'
import { windowLength } from './rolling-calls.ts'
import { createSeriesTable, otherModels } from './series-table.ts'

const target = (model: string): Target => ({ provider: { id: 'lab' }, model }) as Target
const models = (table: ReturnType<typeof createSeriesTable>): string[] => [...table.all()].map(({ model }) => model)

test('keeps apart what it has a place for', () => {
  const table = createSeriesTable(3)
  const small = table.of(target('small'), 'chat', 0)
  expect(table.of(target('small'), 'chat', 1)).toBe(small)
  expect(table.of(target('small'), 'embed', 1)).not.toBe(small)
})

test('a flood of names pushes nothing out that is in use', () => {
  const table = createSeriesTable(3)
  const small = table.of(target('small'), 'chat', 0)
  for (let index = 0; index < 100; index++) table.of(target(`made-up-${index}`), 'chat', index)
  expect(models(table)).toEqual(['small', 'made-up-0', 'made-up-1', otherModels])
  expect(table.of(target('small'), 'chat', 200)).toBe(small)
})

test('after a flood new names have places again, and what lost its place is counted anew where it is seen', () => {
  const table = createSeriesTable(2)
  const late = target('late')
  const early = target('early')
  table.of(early, 'chat', 0)
  table.of(target('made-up'), 'chat', 0)
  expect(table.of(late, 'chat', 1).model).toBe(otherModels)
  const after = windowLength + 5_000
  expect(table.of(late, 'chat', after).model).toBe('late')
  expect(table.of(early, 'chat', after)).toBe([...table.all()].find(({ model }) => model === 'early'))
})
