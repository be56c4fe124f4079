import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { generateCookbook } from './cookbook.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-cookbook-'))
  for (const folder of ['docs', 'examples/hono']) mkdirSync(join(root, folder), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true }))

function write(path: string, text: string): void {
  writeFileSync(join(root, path), text)
}

const fence = '```'

test('the page shows the file, and what people wrote stays', async () => {
  write('examples/one.ts', 'one()\n')
  write('examples/hono/app.ts', 'const price = `$1`\n')
  write('docs/cookbook.md', '# Cookbook\n\n<!-- examples/one.ts -->\n\nWords.\n\n<!-- examples/hono/app.ts -->\n')
  const [first] = await generateCookbook(root)
  expect(first?.text).toBe(
    `# Cookbook\n\n<!-- examples/one.ts -->\n\n${fence}ts\none()\n${fence}\n\nWords.\n\n` +
      `<!-- examples/hono/app.ts -->\n\n${fence}ts\nconst price = \`$1\`\n${fence}\n`,
  )
  write('docs/cookbook.md', first?.text ?? '')
  expect((await generateCookbook(root))[0]?.text).toBe(first?.text)
  write('examples/one.ts', 'two()\n')
  expect((await generateCookbook(root))[0]?.text).toBe(first?.text.replace('one()', 'two()'))
})

test('an example that the page does not show is an error', async () => {
  write('examples/one.ts', 'one()\n')
  write('docs/cookbook.md', '# Cookbook\n')
  await expect(generateCookbook(root)).rejects.toThrow('<!-- examples/one.ts -->')
})
