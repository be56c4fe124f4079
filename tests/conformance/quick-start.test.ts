import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@sluice/gateway'
import { startSimulator } from '@sluice/simulator'
import { environmentVariables, providers as presets } from 'sluice'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CodeBlock, readCodeBlocksOf, root } from '../docs/read-code-blocks.ts'
import { runProgram } from '../run-program.ts'
import { type ServeProcess, startServe } from '../start-serve.ts'

// The page's snippets are run as they stand, but for the gateway's port.

const page = readFileSync(join(root, 'docs/quick-start.md'), 'utf8')
const snippets = readCodeBlocksOf('docs/quick-start.md')

function find(language: string, section?: string): readonly CodeBlock[] {
  return snippets.filter((snippet) => snippet.language === language && (section ?? snippet.section) === snippet.section)
}

function curls(section: string): readonly string[] {
  return find('sh', section)
    .map(({ code }) => code)
    .filter((code) => code.startsWith('curl'))
}

function at(code: string, { url }: ServeProcess): string {
  expect(code).toContain('http://127.0.0.1:8090')
  return code.replaceAll('http://127.0.0.1:8090', url)
}

/** Clients find their packages as in a project where they were installed. */
const project = mkdtempSync(join(tmpdir(), 'sluice-quick-start-'))
symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'))
afterAll(() => rmSync(project, { recursive: true }))

async function run(command: string, ...words: readonly string[]): Promise<string> {
  return (await runProgram(command, words, { folder: project, environment: { PATH: process.env['PATH'] } })).said
}

describe('without any key', () => {
  let serve: ServeProcess
  beforeAll(async () => {
    serve = await startServe()
  })
  afterAll(() => serve[Symbol.asyncDispose]())

  test('curl streams an answer', async () => {
    const [chat = ''] = curls('Ask it')
    const said = await run('sh', '-c', at(chat, serve))
    expect(said).toMatch(/^data: \{.*Hello.*\n\ndata: \[DONE\]\n\n$/s)
  })

  test('curl lists the models', async () => {
    const [, models = ''] = curls('Ask it')
    const said: unknown = JSON.parse(await run('sh', '-c', at(models, serve)))
    expect(said).toMatchObject({ object: 'list', data: [{ id: 'demo/demo' }] })
  })

  test('the headers that the page names are sent', async () => {
    const [chat = ''] = curls('Ask it')
    const answer = await run('sh', '-c', at(chat.replace('curl', 'curl -i'), serve))
    const named = [...page.matchAll(/`(x-(?:request|sluice)-[\w-]+)`/g)].map(([, name]) => name)
    expect(named).toHaveLength(5)
    for (const name of named) expect(answer).toMatch(new RegExp(`^${name}: \\S`, 'mi'))
  })

  test.each(["OpenAI's SDK, JavaScript", 'AI SDK', 'LangChain'])('%s', async (section) => {
    const scripts = find('js', section)
    expect(scripts).toHaveLength(1)
    const file = join(project, `${section.replaceAll(/\W+/g, '-')}.mjs`)
    writeFileSync(file, at(scripts[0]?.code ?? '', serve))
    expect(await run(process.execPath, file)).toMatch(/demo provider, not a model\. You said: Hello$/)
  })
})

test('every script of the page is one of those above', () => {
  expect(find('js').map(({ section }) => section)).toEqual(["OpenAI's SDK, JavaScript", 'AI SDK', 'LangChain'])
})

test('a real model, which here is the simulator', async () => {
  await using simulator = await startSimulator({ models: ['openai/gpt-4o-mini'] })
  const environment = { OPENROUTER_API_KEY: 'router-key', OPENROUTER_BASE_URL: simulator.url }
  await using serve = await startServe(environment)
  const [chat = ''] = curls('Use a real model')
  expect(await run('sh', '-c', at(chat, serve))).toContain('data: [DONE]')
  const request = simulator.requests.find(({ method }) => method === 'POST')
  expect(request?.json()).toMatchObject({ model: 'openai/gpt-4o-mini' })
  expect(request?.header('authorization')).toBe('Bearer router-key')
})

test('callers with a key, and without', async () => {
  const { SLUICE_KEYS = '' } = startVariables('Let others use it')[0] ?? {}
  await using serve = await startServe({ SLUICE_KEYS })
  const [chat = ''] = curls('Let others use it')
  expect(await run('sh', '-c', at(chat, serve))).toContain('data: [DONE]')
  const keyless = chat.replace(/^.*authorization.*\n/m, '')
  expect(await run('sh', '-c', at(keyless, serve))).toContain('"missing_api_key"')
})

test('the config file is one', async () => {
  const [config] = find('yaml')
  const file = join(project, 'sluice.yaml')
  writeFileSync(file, config?.code ?? '')
  const environment = { OPENROUTER_API_KEY: 'router-key' }
  const loaded = await loadConfig({ presets, environment, directory: project, file })
  expect([...loaded.problems, ...loaded.warnings]).toEqual([])
  expect(loaded.config).toMatchObject({
    defaultProvider: 'lab',
    models: [{ id: 'lab/qwen', aliases: ['house-model'] }],
  })
})

/** What stands before each `npm start` of a section. */
function startVariables(section?: string): readonly Readonly<Record<string, string>>[] {
  return find('sh', section)
    .filter(({ code }) => code.endsWith('npm start\n'))
    .map(({ code }) =>
      Object.fromEntries([...code.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value])),
    )
}

test('variables of the page are read', () => {
  const known = environmentVariables(presets).map(({ name }) => name)
  const named = startVariables().flatMap((variables) => Object.keys(variables))
  expect(named).toHaveLength(4)
  expect(known).toEqual(expect.arrayContaining(named))
})
