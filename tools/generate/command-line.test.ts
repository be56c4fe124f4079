import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generateCommandLine } from './command-line.ts'

test('the page of the command line is what --help says', async () => {
  const [page] = await generateCommandLine()
  expect(page?.path).toBe('docs/cli.md')
  expect(await readFile(join(import.meta.dirname, '../../docs/cli.md'), 'utf8')).toBe(page?.text)
  for (const name of ['serve', 'chat', 'models explain', 'providers', 'config check', 'config explain']) {
    expect(page?.text).toContain(`## \`sluice ${name}\``)
  }
})
