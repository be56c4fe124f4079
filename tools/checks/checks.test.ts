import { describe, expect, test } from 'vitest'
import { conventionsCheck } from './conventions.ts'
import { cyclesCheck } from './cycles.ts'
import { docsLinksCheck } from './docs-links.ts'
import { fileLengthCheck } from './file-length.ts'
import { leftoversCheck } from './leftovers.ts'
import { packagesCheck } from './packages.ts'
import { plantProject } from './planted-project.ts'
import { providerIdsCheck } from './provider-ids.ts'

describe('cycles', () => {
  test('a circle of three files is told once, with its way', async () => {
    const project = plantProject({
      'packages/engine/src/a.ts': "import { b } from './b.ts'\n",
      'packages/engine/src/b.ts': "\nimport { c } from './c.ts'\n",
      'packages/engine/src/c.ts': "import type { A } from './a.ts'\n",
    })
    const way = ['a', 'b', 'c', 'a'].map((name) => `packages/engine/src/${name}.ts`).join(' → ')
    expect(await cyclesCheck.run(project)).toEqual([{ file: 'packages/engine/src/c.ts', line: 1, message: way }])
  })

  test('two ways to one file are no circle', async () => {
    const project = plantProject({
      'packages/engine/src/a.ts': "import { b } from './b.ts'\nimport { c } from './c.ts'\n",
      'packages/engine/src/b.ts': "import { c } from './c.ts'\n",
      'packages/engine/src/c.ts': 'export const c = 1\n',
    })
    expect(await cyclesCheck.run(project)).toEqual([])
  })
})

describe('provider ids', () => {
  const find = (text: string, path = 'packages/gateway/src/a.ts') =>
    providerIdsCheck.run(
      plantProject({
        'packages/engine/src/providers/groq.ts': "export const groq = { id: 'groq', isGroq: (id) => id === 'groq' }",
        'packages/engine/src/providers/registry.generated.ts': "export const ids = ['groq']",
        [path]: text,
      }),
    )

  test.each([
    "export const a = (provider) => provider === 'groq'",
    "export const a = (name) => 'groq' !== name",
    "export const a = (provider) => provider.id === 'unheard-of'",
    "export const a = (target) => target.provider?.id == 'unheard-of'",
    "export const a = (target) => { switch (target.provider.id) { case 'x': return 1 } }",
    "export const a = (id) => { switch (id) { case 'groq': return 1 } }",
    "export const a = (providerId) => ['x', 'y'].includes(providerId)",
    "export const a = (provider) => provider.id.startsWith('open')",
  ])('found: %s', async (text) => {
    expect(await find(text)).toMatchObject([{ file: 'packages/gateway/src/a.ts', line: 1 }])
  })

  test.each([
    'export const a = (provider, other) => provider.id === other.id',
    "export const a = (model) => model.id === 'a-model'",
    "export const a = (provider) => provider.local === true && provider.auth.type === 'bearer'",
    "export const a = 'groq'",
  ])('allowed: %s', async (text) => {
    expect(await find(text)).toEqual([])
  })

  test("a provider's own file and tests may name it", async () => {
    expect(await find("export const a = (id) => id === 'groq'", 'packages/engine/src/a.test.ts')).toEqual([])
  })
})

describe('file length', () => {
  const lines = (count: number): string => 'export {}\n'.repeat(count)

  test('401 lines are too many, 400 are not', async () => {
    const project = plantProject({ 'packages/engine/src/a.ts': lines(401), 'packages/engine/src/b.ts': lines(400) })
    expect(await fileLengthCheck.run(project)).toEqual([
      { file: 'packages/engine/src/a.ts', message: 'has 401 lines; the longest allowed is 400' },
    ])
  })

  test('what a program writes may be long', async () => {
    const project = plantProject({
      'packages/engine/src/a.generated.ts': lines(401),
    })
    expect(await fileLengthCheck.run(project)).toEqual([])
  })
})

describe('conventions', () => {
  const find = (text: string, path = 'packages/engine/src/some-name.ts') =>
    conventionsCheck.run(plantProject({ [path]: text }))

  test.each([
    'export default 1',
    'export enum A { B }',
    'export namespace A { export const b = 1 }',
    'let count = 0\nexport const next = () => count++',
    'export const cache = new Map<string, string>()',
    'const seen: string[] = []\nexport const see = (name: string) => seen.push(name)',
    "console.log('loaded')",
    'globalThis.fetch = undefined',
  ])('found: %s', async (text) => {
    expect(await find(text)).toHaveLength(1)
  })

  test.each(['utils.ts', 'helpers.ts', 'types.ts', 'someName.ts', 'some_name.ts'])(
    'found: a file called %s',
    async (name) => {
      expect(await find('export const a = 1', `packages/engine/src/${name}`)).toHaveLength(1)
    },
  )

  test('an index inside a package that only passes on is found', async () => {
    expect(await find("export { a } from './a.ts'", 'packages/engine/src/routing/index.ts')).toHaveLength(1)
    expect(await find("export { a } from './a.ts'", 'packages/engine/src/index.ts')).toEqual([])
  })

  test.each([
    'export const names: ReadonlySet<string> = new Set(["a"])',
    'const table = new Uint8Array(256)\ntable[0x22] = 1\ntable.fill(3, 0, 9)\nexport const get = (index: number) => table[index]',
    'export const a = Object.freeze({})',
    'export function make() { let count = 0; return () => count++ }',
  ])('allowed: %s', async (text) => {
    expect(await find(text)).toEqual([])
  })
})

describe('leftovers', () => {
  const find = (file: string, text: string) => leftoversCheck.run(plantProject({ [file]: text }))
  const word = ['TO', 'DO'].join('')
  const key = `sk-proj-${'a1B2'.repeat(12)}`

  test.each([
    ['packages/engine/src/a.ts', `// ${word}: later`],
    ['packages/engine/src/a.test.ts', ['test', "only('a', () => {})"].join('.')],
    ['packages/engine/src/a.test.ts', ['describe', "skip('a', () => {})"].join('.')],
    ['README.md', `see ${['', 'home', 'somebody', 'sluice'].join('/')}`],
    ['docs/a.md', `OPENAI_API_KEY=${key}`],
  ])('found in %s: %s', async (file, text) => {
    expect(await find(file, text)).toMatchObject([{ file, line: 1 }])
  })

  test.each([
    ['packages/engine/src/a.ts', `// ${word}(#12): when the issue is decided`],
    ['README.md', 'see https://example.com/home/page and ./home/example'],
    ['docs/a.md', 'OPENAI_API_KEY=sk-caller-1'],
  ])('allowed in %s: %s', async (file, text) => {
    expect(await find(file, text)).toEqual([])
  })
})

describe('packages', () => {
  test('a version of its own and an open range are found', async () => {
    const manifest = {
      name: '@sluice/gateway',
      version: '1.1.0',
      license: 'Apache-2.0',
      description: 'A gateway.',
      dependencies: { sluice: '1.1.0', yaml: '^2.0.0' },
    }
    const project = plantProject({
      'packages/gateway/package.json': JSON.stringify(manifest),
      'packages/gateway/README.md': '',
      'packages/gateway/LICENSE': '',
    })
    const findings = await packagesCheck.run(project)
    expect(findings.filter(({ file }) => file.includes('gateway')).map(({ message }) => message)).toEqual([
      'has version 1.1.0, the library 1.0.0',
      'depends on sluice 1.1.0, not on one exact version',
      'depends on yaml ^2.0.0, not on one exact version',
    ])
  })
})

describe('docs: links and commands', () => {
  test('a dead link, a missing heading and an unknown script are found', async () => {
    const project = plantProject({
      'package.json': '{ "scripts": { "check": "" } }',
      'README.md':
        '[a](docs/a.md) [b](docs/none.md)\n[c](docs/a.md#a-heading) [d](docs/a.md#none)\nnpm run check, npm run none',
      'docs/a.md': '# A `heading`\n[up](../README.md) [out](https://example.com/none)',
    })
    expect((await docsLinksCheck.run(project)).map(({ line, message }) => `${line}: ${message}`)).toEqual([
      '1: links to docs/none.md, which does not exist',
      '2: links to docs/a.md#none; docs/a.md has no such heading',
      '3: names `npm run none`, which package.json does not have',
    ])
  })
})
