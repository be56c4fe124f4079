import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { generateProviders } from './providers.ts'
import { runGenerators } from './run-generators.ts'
import { generateStrategies } from './strategies.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const kit = 'packages/engine/src/provider-kit'
const folder = 'packages/engine/src/providers'

/** The file that the documentation shows. */
async function documentedRow(): Promise<string> {
  const page = await readFile(join(root, 'docs/add-a-provider.md'), 'utf8')
  return /```ts\n([^`]*)```/.exec(page)?.[1] ?? ''
}

describe('the list of providers', () => {
  let copy = ''
  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), 'sluice-generate-'))
    for (const path of [kit, folder]) await cp(join(root, path), join(copy, path), { recursive: true })
    await writeFile(join(copy, 'package.json'), '{ "type": "module" }')
  })
  afterAll(() => rm(copy, { recursive: true, force: true }))

  it('takes up the file that docs/add-a-provider.md shows', async () => {
    const row = await documentedRow()
    expect(row.trim().split('\n').length).toBeLessThanOrEqual(15)
    await writeFile(join(copy, folder, 'acme.ts'), row)
    const texts = new Map((await generateProviders(copy)).map(({ path, text }) => [path, text]))
    expect(texts.get('packages/engine/src/providers.generated.ts')).toMatch(/import \{ acme \}[\s\S]*= \[\n {2}acme,\n/)
    expect(texts.get('docs/providers.md')).toContain(
      '| Acme | `acme` | `ACME_API_KEY` | `https://api.acme.ai/v1` | `openai-chat` | `rocket-2` |',
    )
    await rm(join(copy, folder, 'acme.ts'))
  })

  it('refuses a file that does not export what its name says', async () => {
    await writeFile(join(copy, folder, 'mis-named.ts'), (await documentedRow()).replace('acme:', 'other:'))
    await expect(generateProviders(copy)).rejects.toThrow(/mis-named\.ts must export `misNamed`/)
  })
})

describe('the list of strategies', () => {
  const strategies = 'packages/engine/src/strategies'
  let copy = ''
  beforeEach(async () => {
    copy = await mkdtemp(join(tmpdir(), 'sluice-generate-'))
    await mkdir(join(copy, strategies, 'kit'), { recursive: true })
    await writeFile(join(copy, 'package.json'), '{ "type": "module" }')
    await writeFile(join(copy, strategies, 'strategy.ts'), 'export interface Strategy {}')
    await writeFile(join(copy, strategies, 'at-will.ts'), "export const atWill = { name: 'at-will' }")
  })
  afterEach(() => rm(copy, { recursive: true, force: true }))

  it('takes up a file of the folder, and neither the seam nor tests', async () => {
    await writeFile(join(copy, strategies, 'at-will.test.ts'), '')
    const [file] = await generateStrategies(copy)
    expect(file?.text).toContain("import { atWill } from './strategies/at-will.ts'")
    expect(file?.text.match(/^import/gm)).toHaveLength(2)
  })

  it('refuses a file that does not export what its name says', async () => {
    await writeFile(join(copy, strategies, 'mis-named.ts'), "export const misNamed = { name: 'other' }")
    await expect(generateStrategies(copy)).rejects.toThrow(/mis-named\.ts must export `misNamed`/)
  })
})

describe('running generators', () => {
  const generator = (): Promise<{ path: string; text: string }[]> =>
    Promise.resolve([
      { path: 'a', text: 'new' },
      { path: 'b', text: 'same' },
    ])
  const read = (path: string): Promise<string | undefined> => Promise.resolve(path.endsWith('a') ? 'old' : 'same')

  it('only compares when it is not to write', async () => {
    expect(await runGenerators([generator], 'place', { read, write: undefined })).toEqual(['place/a'])
  })

  it('writes what changed and nothing else', async () => {
    const written: [string, string][] = []
    const write = (path: string, text: string): Promise<void> => Promise.resolve(void written.push([path, text]))
    expect(await runGenerators([generator], 'place', { read, write })).toEqual(['place/a'])
    expect(written).toEqual([['place/a', 'new']])
  })
})
