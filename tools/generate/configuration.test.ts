import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { environmentVariables } from '../../packages/engine/src/config/environment-variables.ts'
import { providers } from '../../packages/engine/src/providers.generated.ts'
import { generateConfiguration } from './configuration.ts'

const root = join(import.meta.dirname, '../..')

test('the configuration page and the JSON Schema are what the code says', async () => {
  const files = await generateConfiguration(root)
  expect(files.map(({ path }) => path)).toEqual(['docs/configuration.md', 'docs/sluice.schema.json'])
  const written = await Promise.all(
    files.map(async ({ path }) => ({ path, text: await readFile(join(root, path), 'utf8') })),
  )
  expect(written).toEqual(files)
})

test('every environment variable is on the page', async () => {
  const page = await readFile(join(root, 'docs/configuration.md'), 'utf8')
  const variables = environmentVariables(providers)
  expect(variables.length).toBeGreaterThan(50)
  expect(variables.filter(({ name, option }) => !page.includes(`| \`${name}\` | \`${option}\` |`))).toEqual([])
})
