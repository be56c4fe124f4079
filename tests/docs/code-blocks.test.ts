import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@sluice/gateway'
import { formatProblem, providers as presets } from 'sluice'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DocumentedWorld, openDocumentedWorld } from './documented-world.ts'
import { type CodeBlock, readCodeBlocks, root } from './read-code-blocks.ts'

// Whatever code a page shows is run here, or by the test that is named: there is no third way.

/** Blocks that other tests run, or that cannot be run here, by page and language. */
const exceptions: Readonly<Record<string, string>> = {
  'docs/library.md ts': 'tests/library/docs.test.ts runs each, and looks at what it says',
  'docs/quick-start.md js': 'tests/conformance/quick-start.test.ts runs each, and looks at what it says',
  'docs/cookbook.md ts': 'tests/examples/examples.test.ts runs the files of which they are copies',
  'docs/requests.md json': 'tests/library/by-gateway.test.ts asks for it, and looks at what it says',
  'docs/add-a-provider.md ts': 'tools/generate/generate.test.ts makes a provider of it',
  'docs/first-site.md js': 'tests/docs/first-site.test.ts runs the page from its beginning to its end',
  'docs/first-site.md sh': 'tests/docs/first-site.test.ts runs the page from its beginning to its end',
  'docs/agents.md sh': 'tests/agents/claude-code.test.ts and codex.test.ts run the programs with these variables',
  'docs/agents.md toml': 'tests/agents/codex.test.ts gives it to Codex',
  'docs/stores.md sql': 'for the owner of a PostgreSQL server; tests/servers/servers.test.ts brings one that is set up',
  'docs/quick-start.md python': 'Python’s clients are not among the dependencies; the same is run in JavaScript',
  'docs/aws-sdk.md python': 'Python’s clients are not among the dependencies; the same is run in JavaScript',
}

/** What a fragment takes for granted, before its code. */
const before: Readonly<Record<string, string>> = {
  'docs/add-a-dialect.md': `import { type ChatDialect, openaiChat } from '@sluice/protocol'
const { peek, rewrite, request, result, stream, error, tap } = openaiChat
`,
  'docs/add-a-strategy.md': `import { createSluice } from 'sluice'
import { strategy } from './heaviest.ts'
`,
  'docs/batches.md': `import OpenAI, { toFile } from 'openai'
const file = await toFile(Buffer.from('{}'), 'colours.jsonl')
`,
  'docs/responses.md': `import OpenAI from 'openai'
const client = new OpenAI({ baseURL: 'http://127.0.0.1:8090/v1', apiKey: 'any' })
`,
  'packages/engine/README.md': `import { createSluice } from 'sluice'
`,
}

const keyOf = ({ page, language }: CodeBlock): string => `${page} ${language}`
const blocks = readCodeBlocks()
const own = blocks.filter((block) => exceptions[keyOf(block)] === undefined)
const of = (...languages: readonly string[]): readonly (readonly [string, CodeBlock])[] =>
  own
    .filter(({ language }) => languages.includes(language))
    .map((block) => [`${block.page}:${block.line} ${block.section}`, block] as const)

/** Fragments go on from what the page said before. */
const isWhole = (code: string): boolean => code.startsWith('import ')

function programOf({ page, code }: CodeBlock): string {
  return isWhole(code) ? code : (before[page] ?? '') + code
}

function fileOf({ page, line, language, code }: CodeBlock): string {
  // The file that the page goes on to name.
  if (page === 'docs/add-a-strategy.md' && isWhole(code)) return 'heaviest.ts'
  return `${page.replaceAll(/\W+/g, '-')}-${line}.${language}`
}

/** What is for the house's own code only. */
const loose = {
  isolatedDeclarations: false,
  declaration: false,
  noUnusedLocals: false,
  noPropertyAccessFromIndexSignature: false,
}

let world: DocumentedWorld
beforeAll(async () => {
  world = await openDocumentedWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

test('no block is left out', () => {
  expect(own.filter(({ language }) => !['ts', 'js', 'sh', 'yaml'].includes(language))).toEqual([])
  expect(Object.keys(exceptions).toSorted()).toEqual(
    [...new Set(blocks.map(keyOf).filter((key) => exceptions[key] !== undefined))].toSorted(),
  )
  for (const reason of Object.values(exceptions))
    for (const [path] of reason.matchAll(/\b[\w/-]+\/[\w-]+\.test\.ts/g))
      expect(existsSync(join(root, path)), path).toBe(true)
  expect(Object.keys(before).filter((page) => !own.some((block) => block.page === page))).toEqual([])
})

test('the cookbook shows the examples', () => {
  const shown = blocks.filter((block) => keyOf(block) === 'docs/cookbook.md ts')
  const page = readFileSync(join(root, 'docs/cookbook.md'), 'utf8')
  const files = [...page.matchAll(/^<!-- (examples\/\S+) -->$/gm)].map(([, path = '']) => path)
  expect(shown.map(({ code }) => code)).toEqual(files.map((path) => readFileSync(join(root, path), 'utf8')))
})

describe('programs', () => {
  test.each(of('ts', 'js'))('%s', { timeout: 60_000 }, async (_name, block) => {
    await expect(world.run(fileOf(block), programOf(block))).resolves.toBeTypeOf('string')
  })
})

test('programs are sound to TypeScript', { timeout: 60_000 }, async () => {
  const typed = blocks.filter(
    (block) => block.language === 'ts' && (own.includes(block) || block.page === 'docs/library.md'),
  )
  for (const block of typed) writeFileSync(join(world.folder, fileOf(block)), programOf(block))
  const config = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: { ...loose, noEmit: true, types: ['node'], typeRoots: [join(root, 'node_modules/@types')] },
    files: [...new Set(typed.map(fileOf))],
  }
  writeFileSync(join(world.folder, 'tsconfig.json'), JSON.stringify(config))
  await expect(world.shell('tsc -p .')).resolves.toBe('')
})

describe('commands', () => {
  test.each(of('sh'))('%s', { timeout: 120_000 }, async (_name, { code }) => {
    await expect(
      world.shell(code.replaceAll('=… ', '=some-key ').replaceAll('sk-or-…', 'sk-or-key')),
    ).resolves.toBeTypeOf('string')
  })
})

describe('configurations', () => {
  test.each(of('yaml'))('%s', async (_name, { code }) => {
    const directory = mkdtempSync(join(tmpdir(), 'sluice-docs-'))
    try {
      const strategy = blocks.find((block) => keyOf(block) === 'docs/add-a-strategy.md ts')
      writeFileSync(join(directory, 'heaviest.ts'), strategy?.code ?? '')
      writeFileSync(join(directory, 'sluice.yaml'), code)
      const names = [...code.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name)
      const environment = Object.fromEntries(names.map((name) => [name, `https://example.com/${name}`]))
      const { problems, warnings } = await loadConfig({ presets, environment, directory })
      expect([...problems, ...warnings].map(formatProblem)).toEqual([])
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
