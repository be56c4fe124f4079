import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { openaiChat } from '@sluice/protocol'
import { formatProblem, providers as presets } from 'sluice'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startGateway } from '../compose.ts'
import { loadConfig, type LoadedConfig } from './load-config.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-routes-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function examples(page: string, language: string): string[] {
  const text = readFileSync(fileURLToPath(new URL(`../../../../docs/${page}`, import.meta.url)), 'utf8')
  return [...text.matchAll(/^```(\w+)\n(.*?)^```/gms)].flatMap(([, of, code = '']) => (of === language ? [code] : []))
}

function load(text: string): Promise<LoadedConfig> {
  writeFileSync(join(directory, 'sluice.yaml'), text)
  return loadConfig({ presets, environment: {}, directory })
}

async function problemsOf(text: string): Promise<string[]> {
  return (await load(text)).problems.map(formatProblem)
}

test('docs/routing.md: every example is sound', async () => {
  const all = examples('routing.md', 'yaml')
  expect(all.length).toBeGreaterThan(8)
  for (const yaml of all) expect(await problemsOf(yaml), yaml).toEqual([])
})

test('docs/add-a-strategy.md: the file is loaded from beside the config, and chooses', async () => {
  const [module = ''] = examples('add-a-strategy.md', 'ts')
  const [yaml = ''] = examples('add-a-strategy.md', 'yaml')
  writeFileSync(join(directory, 'heaviest.ts'), module)
  const lab =
    'lab: { type: openai_compatible, base_url: "http://127.0.0.1:9/v1", models: [a, b, c], models_path: null }'
  const server = `server: { port: 0, find_local_servers: false, data_dir: ${JSON.stringify(join(directory, 'data'))} }`
  const { config, problems } = await load(`${server}\nproviders: { ${lab} }\n${yaml}`)
  expect(problems).toEqual([])
  const gateway = await startGateway(config!, { logger: pino({ level: 'silent' }) })
  try {
    const { candidates, strategy } = gateway.engine.routeFinder(openaiChat)('smart')
    const request = {
      operation: 'chat',
      model: 'smart',
      stream: false,
      size: 1,
      params: {},
      headers: {},
      principal: 'local',
    } as const
    const picked = Array.from({ length: 50 }, () => strategy.pick(candidates, request).name)
    expect(new Set(picked)).toEqual(new Set(['lab/a', 'lab/b']))
  } finally {
    await gateway.close()
  }
})

test('a strategy may be a package that is installed beside the config', async () => {
  const folder = join(directory, 'node_modules/sluice-luck')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "name": "sluice-luck", "type": "module", "exports": "./luck.js" }')
  writeFileSync(
    join(folder, 'luck.js'),
    `export const strategy = {
      name: 'luck',
      create(candidates, context, { charm }) {
        if (charm !== 'clover') throw new Error('charm: expected clover')
        return { pick: ([first]) => first }
      },
    }`,
  )
  const route = (charm: string): string =>
    `routes: { smart: { strategy: { name: sluice-luck, charm: ${charm} }, targets: [a, b] } }`
  expect(await problemsOf(route('clover'))).toEqual([])
  expect(await problemsOf(route('cat'))).toEqual(['sluice.yaml:1:30 routes.smart.strategy: charm: expected clover'])
})

test.for<[name: string, module: string | undefined, problem: RegExp]>([
  ['./none.ts', undefined, /\.\/none\.ts cannot be loaded: Cannot find module/],
  ['./broken.ts', 'throw new Error("no luck today")', /\.\/broken\.ts cannot be loaded: no luck today/],
  ['./other.ts', 'export const tactics = 1', /\.\/other\.ts does not export a `strategy` with a `name` and `create`/],
  ['wieghted', undefined, /there is no strategy wieghted, nor a package of this name; there are .*weighted/],
])('says why %s is no strategy, and where it is named', async ([name, module, problem]) => {
  if (module !== undefined) writeFileSync(join(directory, name), module)
  expect(await problemsOf(`routes:\n  smart:\n    strategy: ${name}\n    targets: [a, b]\n`)).toEqual([
    expect.stringMatching(new RegExp(`^sluice.yaml:3:15 routes.smart.strategy: ${problem.source}`)),
  ])
})
