import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, expect, test } from 'vitest'

const script = join(import.meta.dirname, 'bootstrap.mjs')
let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-bootstrap-'))
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true })
  writeFileSync(join(root, 'node_modules/.bin/node'), '')
})

afterEach(() => rmSync(root, { recursive: true }))

/** Runs the bootstrap in `root` with a program in npm's place; `said` is what it wrote. */
function bootstrap(
  npm: string,
  folders: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): { status: number | null; said: string } {
  const run = spawnSync(process.execPath, [script, ...folders], {
    env: { ...environment(npm), ...env },
    encoding: 'utf8',
  })
  return { status: run.status, said: run.stdout + run.stderr }
}

/** As `bootstrap`, without holding this process up. */
function bootstrapAside(npm: string): Promise<number | null> {
  const child = spawn(process.execPath, [script], { env: environment(npm), stdio: 'ignore' })
  return new Promise((resolve) => child.on('close', resolve))
}

function environment(npm: string): NodeJS.ProcessEnv {
  const npmFile = join(root, 'npm.cjs')
  writeFileSync(npmFile, npm)
  return { ...process.env, SLUICE_BOOTSTRAP_ROOT: root, npm_execpath: npmFile }
}

function writeLock(file: string, packages: object): void {
  writeFileSync(join(root, file), JSON.stringify({ packages }))
}

const locked = {
  '': {},
  'packages/engine': { version: '1.0.0' },
  'node_modules/zod': { version: '4.0.0' },
  'node_modules/of-another-platform': { version: '1.0.0', optional: true },
}
const installs = "require('fs').writeFileSync('node_modules/installed', process.argv.slice(2).join(' '))"

test('installs by the lockfile when nothing is installed', () => {
  writeLock('package-lock.json', locked)
  expect(bootstrap(installs)).toMatchObject({ status: 0, said: expect.stringContaining('Installed the dependencies') })
  expect(existsSync(join(root, 'node_modules/installed'))).toBe(true)
})

test('does nothing and says nothing when the lockfile is installed', () => {
  writeLock('package-lock.json', locked)
  writeLock('node_modules/.package-lock.json', { 'node_modules/zod': { version: '4.0.0' } })
  expect(bootstrap(installs)).toEqual({ status: 0, said: '' })
  expect(existsSync(join(root, 'node_modules/installed'))).toBe(false)
})

test.each([
  ['another version', { 'node_modules/zod': { version: '3.0.0' } }],
  ['a package missing', {}],
])('installs again: %s', (_, installed) => {
  writeLock('package-lock.json', locked)
  writeLock('node_modules/.package-lock.json', installed)
  expect(bootstrap(installs).status).toBe(0)
  expect(existsSync(join(root, 'node_modules/installed'))).toBe(true)
})

test('installs again after an install that was interrupted', () => {
  writeLock('package-lock.json', locked)
  mkdirSync(join(root, 'node_modules/zod'))
  expect(bootstrap(installs).status).toBe(0)
  expect(existsSync(join(root, 'node_modules/installed'))).toBe(true)
})

test('waits for an install that is under way, and takes what it made', async () => {
  writeLock('package-lock.json', locked)
  const finish = `setTimeout(() => require('fs').writeFileSync('node_modules/.package-lock.json', '${JSON.stringify({ packages: { 'node_modules/zod': { version: '4.0.0' } } })}'), 500)`
  const other = spawn(process.execPath, ['--eval', finish], { cwd: root })
  writeFileSync(join(root, '.install.lock'), String(other.pid))
  const ended = new Promise((resolve) => other.on('close', resolve))
  const run = bootstrapAside(installs)
  await ended
  expect(await run).toBe(0)
  expect(existsSync(join(root, 'node_modules/installed'))).toBe(false)
})

test('does not wait for an install that has died', () => {
  writeLock('package-lock.json', locked)
  const { pid } = spawnSync(process.execPath, ['--version'])
  writeFileSync(join(root, '.install.lock'), String(pid))
  expect(bootstrap(installs).status).toBe(0)
  expect(existsSync(join(root, 'node_modules/installed'))).toBe(true)
  expect(existsSync(join(root, '.install.lock'))).toBe(false)
})

test('says that the network is missing', () => {
  writeLock('package-lock.json', locked)
  const { status, said } = bootstrap("console.error('npm error code ENOTFOUND'); process.exit(1)")
  expect(status).toBe(1)
  expect(said).toContain('npm error code ENOTFOUND')
  expect(said).toContain('the package registry was not reached')
})

test('passes on what npm says of any other failure', () => {
  writeLock('package-lock.json', locked)
  const { status, said } = bootstrap("console.error('npm error code EUSAGE'); process.exit(1)")
  expect(status).toBe(1)
  expect(said).toContain('npm error code EUSAGE')
  expect(said).not.toContain('registry')
})

test('the real npm satisfies it', () => {
  const packages = '{ "": { "name": "empty", "version": "1.0.0" } }'
  writeFileSync(join(root, 'package.json'), '{ "name": "empty", "version": "1.0.0" }')
  writeFileSync(
    join(root, 'package-lock.json'),
    `{ "name": "empty", "version": "1.0.0", "lockfileVersion": 3, "packages": ${packages} }`,
  )
  const env = { ...process.env, SLUICE_BOOTSTRAP_ROOT: root, npm_execpath: undefined }
  const run = spawnSync(process.execPath, [script], { env, encoding: 'utf8' })
  expect(run.stderr).toContain('Installed the dependencies')
})

const ready = { 'node_modules/zod': { version: '4.0.0' } }

function prepareFolder(): void {
  mkdirSync(join(root, 'tests/agents/node_modules'), { recursive: true })
  for (const folder of ['', 'tests/agents/']) writeLock(`${folder}package-lock.json`, locked)
  writeLock('node_modules/.package-lock.json', ready)
}

test('installs a folder that is named, in that folder', () => {
  prepareFolder()
  const { status, said } = bootstrap(installs, ['tests/agents'])
  expect({ status, said }).toMatchObject({ status: 0, said: expect.stringContaining('dependencies of tests/agents') })
  expect(existsSync(join(root, 'tests/agents/node_modules/installed'))).toBe(true)
  expect(existsSync(join(root, 'node_modules/installed'))).toBe(false)
  writeLock('tests/agents/node_modules/.package-lock.json', ready)
  expect(bootstrap(installs, ['tests/agents'])).toEqual({ status: 0, said: '' })
})

test('does without a folder that cannot be installed, but not on CI', () => {
  prepareFolder()
  const fails = "console.error('npm error code EAI_AGAIN'); process.exitCode = 1"
  const aside = bootstrap(fails, ['tests/agents'], { CI: '' })
  expect(aside).toMatchObject({ status: 0, said: expect.stringContaining('registry was not reached') })
  expect(bootstrap(fails, ['tests/agents'], { CI: 'true' }).status).toBe(1)
})
