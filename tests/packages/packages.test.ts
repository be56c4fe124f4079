import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundles, bundleSize } from '../../bench/library/bundle-size.ts'
import { type PackedPackage, type PackedProject, packPackages, tsc } from './pack-packages.ts'

// What users get: built, packed, installed into an empty project, and used there without this repository.

/** Milliseconds: a build, four packs and an install. */
const packTimeout = 120_000
const names = ['sluice', '@sluice/gateway', '@sluice/protocol', '@sluice/simulator']

let project: PackedProject
beforeAll(async () => {
  project = await packPackages()
}, packTimeout)
afterAll(() => project.remove())

function find(name: string): PackedPackage {
  const found = project.packages.find((packed) => packed.name === name)
  if (found === undefined) throw new Error(`${name} is not packed`)
  return found
}

/** What may be imported of a package, patterns as every file that they stand for. */
function entriesOf({ name, manifest, files }: PackedPackage): readonly string[] {
  return Object.entries(manifest.exports).flatMap(([entry, { default: path = '' }]) => {
    const specifier = name + entry.slice(1)
    if (!entry.includes('*')) return [specifier]
    const [before = '', after = ''] = path.slice(2).split('*')
    return files
      .filter((file) => file.startsWith(before) && file.endsWith(after))
      .map((file) => specifier.replace('*', file.slice(before.length, -after.length)))
  })
}

test('all packages are packed', () => {
  expect(project.packages.map(({ name }) => name).toSorted()).toEqual(names.toSorted())
})

describe.each(names)('%s', (name) => {
  test('holds what it exports, its licence and its README, and no tests', () => {
    const { manifest, files } = find(name)
    const named = Object.entries(manifest.exports).flatMap(([entry, conditions]) =>
      entry.includes('*') ? [] : Object.values(conditions).map((path) => path.slice(2)),
    )
    const programs = Object.values(manifest.bin ?? {}).map((path) => path.slice(2))
    expect(files).toEqual(expect.arrayContaining([...named, ...programs, 'LICENSE', 'README.md']))
    expect(files.filter((file) => /\.test\.|__fixtures__|\/contracts?\/|tsbuildinfo/.test(file))).toEqual([])
  })

  test('is imported by plain Node', async () => {
    const entries = entriesOf(find(name))
    expect(entries).toContain(name)
    const script = `
      const entries = ${JSON.stringify(entries)}
      for (const entry of entries) {
        const file = import.meta.resolve(entry)
        if (!file.includes('/node_modules/${name}/dist/')) throw new Error(entry + ' is ' + file)
        if (Object.keys(await import(entry)).length === 0) throw new Error(entry + ' exports nothing')
      }
      console.log(entries.length)`
    const said = await project.run('node', '--input-type=module', '--eval', script)
    expect(said).toBe(`${entries.length}\n`)
  })

  test('is as publint wants it', async () => {
    const publint = join(import.meta.dirname, '../../node_modules/.bin/publint')
    const said = await project.run(
      publint,
      'run',
      `node_modules/${name}`,
      '--strict',
      '--level=suggestion',
      '--pack=false',
    )
    expect(said).toMatch(/All good!/)
  })
})

test('what an application does not use of the packages stays out of its bundle, as with the sources', async () => {
  const [chatOnly, translated] = bundles
  for (const bundle of [chatOnly!, translated!])
    expect((await bundleSize(bundle, project.folder)).first).toBeLessThanOrEqual(bundle.limit!)
}, 60_000)

test('a program that ends by an error says it, and not the text of the package', async () => {
  const program = `import { createSluice } from 'sluice'\nawait createSluice({}, { environment: {} }).chat('Hello')\n`
  writeFileSync(join(project.folder, 'without-key.js'), program)
  const complaint = await project.run('node', 'without-key.js').then(String, (error: Error) => error.message)
  expect(complaint).toContain('No AI provider configured. Set a key such as OPENAI_API_KEY')
  // Node shows the line of the code where an error was made.
  expect(Math.max(...complaint.split('\n').map((line) => line.length))).toBeLessThan(300)
})

/** The parts of `@arethetypeswrong/core` that are used: it is installed for these tests alone. */
interface AreTheTypesWrong {
  createPackageFromTarballData(data: Uint8Array): object
  checkPackage(
    packed: object,
    options: { readonly entrypoints: readonly string[] },
  ): Promise<{ readonly problems?: readonly { readonly kind: string; readonly resolutionKind?: string }[] }>
}

const attw = join(import.meta.dirname, 'node_modules/@arethetypeswrong/core/dist/index.js')
const isJudgeAbsent = !existsSync(attw)

describe.skipIf(isJudgeAbsent)('types, says arethetypeswrong,', () => {
  test.each(names)('are right: %s', async (name) => {
    const { createPackageFromTarballData, checkPackage } = (await import(attw)) as AreTheTypesWrong
    const packed = find(name)
    const seen = new Set<string>()
    // Of a pattern, whose files are all alike, one.
    const entries = entriesOf(packed).filter((entry) => {
      const folder = entry.slice(name.length).split('/').slice(0, 2).join('/')
      return !seen.has(folder) && seen.add(folder)
    })
    const { problems } = await checkPackage(createPackageFromTarballData(readFileSync(packed.tarball)), {
      entrypoints: entries.map((entry) => `.${entry.slice(name.length)}`),
    })
    // ES modules alone: `require` of old Node, and TypeScript's resolution of before `exports`, are not served.
    const told = problems?.filter(
      ({ kind, resolutionKind }) => kind !== 'CJSResolvesToESM' && resolutionKind !== 'node10',
    )
    expect(told).toEqual([])
  })
})

describe('a TypeScript project', () => {
  const consumers = {
    browser: {
      types: [],
      packages: ['sluice', '@sluice/protocol'],
      code: `import { createSluice, defineTool, type ChatAnswer, SluiceError } from 'sluice'
import { groq } from 'sluice/providers/groq'
import { openaiChat } from '@sluice/protocol'
const sluice = createSluice({ providers: { groq: { api_key: 'key' } } }, { environment: {} })
export const answer: Promise<ChatAnswer> = sluice.chat('Hello')
export const stream: AsyncIterable<string> = sluice.stream('Hello').textStream
export const tool = defineTool({ name: 'now', parameters: { type: 'object' }, execute: () => 'noon' })
export const id: string = groq.id + openaiChat.id
// @ts-expect-error The API is typed: this is no option.
createSluice({ provider: {} })
export const code = (error: SluiceError): number => error.status
`,
    },
    node: {
      types: ['node'],
      packages: ['@sluice/gateway', '@sluice/simulator'],
      code: `import { startGateway, loadConfig, type Gateway } from '@sluice/gateway'
import { startSimulator } from '@sluice/simulator'
export const gateway: typeof startGateway = startGateway
export const load: typeof loadConfig = loadConfig
export const address = async (running: Gateway): Promise<string> => running.url + (await startSimulator()).url
`,
    },
  }

  test.each(
    (['browser', 'node'] as const).flatMap((kind) =>
      (['nodenext', 'bundler'] as const).map((way) => [kind, way] as const),
    ),
  )('of the %s kind, with the resolution %s, checks every declaration', async (kind, moduleResolution) => {
    const { types, packages, code } = consumers[kind]
    const entries = packages.flatMap((name) => entriesOf(find(name)))
    const imports = entries.map((entry, index) => `export * as entry${index} from '${entry}'\n`)
    const [file, config] = [`${kind}.ts`, `tsconfig.${kind}.${moduleResolution}.json`]
    writeFileSync(join(project.folder, file), code + imports.join(''))
    const compilerOptions = {
      target: 'es2024',
      lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable'],
      module: moduleResolution === 'bundler' ? 'esnext' : moduleResolution,
      moduleResolution,
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      types,
    }
    writeFileSync(join(project.folder, config), JSON.stringify({ compilerOptions, files: [file] }))
    expect(await project.run('node', tsc, '-p', config)).toBe('')
  })
})

describe('programs', () => {
  test('sluice tells its version and starts', async () => {
    expect(await project.run('sluice', '--version')).toMatch(/^\d+\.\d+\.\d+\n$/)
    const main = join(project.folder, 'node_modules/@sluice/gateway/dist/cli/main.js')
    const child = spawn(process.execPath, [main, 'serve', '--json'], {
      cwd: project.folder,
      env: { SLUICE_PORT: '0', SLUICE_FIND_LOCAL_SERVERS: 'false' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    const { url } = JSON.parse(line) as { url: string }
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"model":"demo","messages":[{"role":"user","content":"Hello"}]}',
    })
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('You said: Hello')])
    child.kill('SIGTERM')
    expect((await exited)[0]).toBe(0)
  })

  test('sluice-simulator says how it is used', async () => {
    expect(await project.run('sluice-simulator', '--help')).toMatch(/^Usage: sluice-simulator/)
  })
})
