import { execFile, type ExecFileOptions } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../..')

export interface PackedPackage {
  readonly name: string
  readonly manifest: Manifest
  /** The file that npm would publish. */
  readonly tarball: string
  /** Paths of its files, relative to its own root. */
  readonly files: readonly string[]
}

export interface Manifest {
  readonly name: string
  readonly bin?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** An empty project with the four packages installed from their tarballs, as from the registry. */
export interface PackedProject {
  readonly folder: string
  readonly packages: readonly PackedPackage[]
  /** Runs a command of `node_modules/.bin`, or `node`, in the project; rejects when it fails. */
  run(command: string, ...words: readonly string[]): Promise<string>
  remove(): void
}

/** Builds from a copy of the sources, so that nothing is there but what a clean build makes. */
export async function packPackages(): Promise<PackedProject> {
  const place = mkdtempSync(join(tmpdir(), 'sluice-packages-'))
  try {
    return await packInto(place)
  } catch (error) {
    rmSync(place, { recursive: true })
    throw error
  }
}

async function packInto(place: string): Promise<PackedProject> {
  const [copy, folder] = [join(place, 'copy'), join(place, 'project')]
  copySources(copy)
  await start(process.execPath, ['--conditions=sluice-source', join(root, 'tools/build.ts'), copy], { cwd: root })
  const packages = await Promise.all(
    packageFolders().map((name) => pack(join(copy, 'packages', name), join(place, 'tarballs', name))),
  )
  mkdirSync(folder)
  const manifest = {
    private: true,
    type: 'module',
    dependencies: Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`])),
    // Of what is called in Node, a TypeScript program needs the types; the rest comes with the packages.
    devDependencies: { '@types/node': versionOf('@types/node') },
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  await npm(folder, 'install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error')
  return {
    folder,
    packages,
    run(command, ...words) {
      const path = [join(folder, 'node_modules/.bin'), dirname(process.execPath), process.env['PATH']].join(delimiter)
      const file = command === 'node' ? process.execPath : command
      return start(file, words, { cwd: folder, env: { ...process.env, PATH: path } })
    },
    remove: () => rmSync(place, { recursive: true }),
  }
}

/** This repository's TypeScript. */
export const tsc: string = join(root, 'node_modules/typescript/bin/tsc')

function packageFolders(): readonly string[] {
  return readdirSync(join(root, 'packages'))
}

/** In the copy the packages find each other, and all else where it is installed. */
function copySources(copy: string): void {
  for (const name of ['package.json', 'tsconfig.base.json', 'tsconfig.build.json'])
    cpSync(join(root, name), join(copy, name))
  for (const name of packageFolders())
    cpSync(join(root, 'packages', name), join(copy, 'packages', name), {
      recursive: true,
      filter: (path) => !/\/(?:dist|node_modules)$/.test(path.replaceAll('\\', '/')),
    })
  const modules = join(copy, 'node_modules')
  mkdirSync(join(modules, '@sluice'), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!name.startsWith('.') && name !== 'sluice' && name !== '@sluice')
      symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction')
  for (const name of packageFolders())
    symlinkSync(
      join(copy, 'packages', name),
      join(modules, readManifest(join(copy, 'packages', name)).name),
      'junction',
    )
}

async function pack(folder: string, destination: string): Promise<PackedPackage> {
  mkdirSync(destination, { recursive: true })
  const said = await npm(folder, 'pack', '--json', '--ignore-scripts', '--pack-destination', destination)
  const [tarball = ''] = readdirSync(destination)
  const { files } = readPacked(JSON.parse(said))
  const manifest = readManifest(folder)
  return { name: manifest.name, manifest, tarball: join(destination, tarball), files: files.map(({ path }) => path) }
}

interface Packed {
  readonly files: readonly { readonly path: string }[]
}

/** npm tells a list, newer ones by name. */
function readPacked(said: unknown): Packed {
  return (Array.isArray(said) ? said[0] : Object.values(said as object)[0]) as Packed
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

function versionOf(name: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as {
    version: string
  }
  return version
}

function npm(folder: string, ...words: readonly string[]): Promise<string> {
  return start('npm', words, { cwd: folder, shell: process.platform === 'win32' })
}

const runFile = promisify(execFile)

/** What a program says; when it fails, what it complains of. */
async function start(file: string, words: readonly string[], options: ExecFileOptions): Promise<string> {
  try {
    const { stdout } = await runFile(file, words, { ...options, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
    return stdout
  } catch (error) {
    const { stdout, stderr, message } = error as Error & { readonly stdout: string; readonly stderr: string }
    throw new Error([message, stdout, stderr].join('\n'), { cause: error })
  }
}
