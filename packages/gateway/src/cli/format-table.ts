import { stripVTControlCharacters } from 'node:util'

/**
 * Rows as columns of even width; the last column is as long as it is. Colours of `styleText` count as they look; what else would
 * steer a terminal, which others write into names, is escaped.
 */
export function formatTable(given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map(printable))
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, width(cell))
  }
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => cell + ' '.repeat(Math.max(0, (widths[index] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd()
  return rows.map((row) => `${line(row)}\n`).join('')
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length
}

function printable(cell: string): string {
  // oxlint-disable-next-line no-control-regex -- what a colour of `styleText` begins with
  return cell.replaceAll(/\u001b\[3\dm|[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (found) =>
    found.length > 1 ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
