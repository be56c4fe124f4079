import { styleText } from 'node:util'
import { expect, test } from 'vitest'
import { formatTable } from './format-table.ts'

test('columns are even, and colours count as they look', () => {
  const green = styleText('green', '✓', { validateStream: false })
  expect(
    formatTable([
      ['a', green, 'c'],
      ['long', 'xy', ''],
    ]),
  ).toBe(`a     ${green}   c\nlong  xy\n`)
})

test('nothing in a cell steers the terminal', () => {
  const cell = '\u001b[31mred\u001b[2J\u0007\r\n\u009b1m\u202egnp.exe'
  expect(formatTable([[cell]])).toBe('\u001b[31mred\\u001b[2J\\u0007\\u000d\\u000a\\u009b1m\\u202egnp.exe\n')
})
