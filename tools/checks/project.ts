import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix, join } from 'node:path'
import { parseSync, type Program, Visitor } from 'oxc-parser'

/** A source tree as the checks see it: read once, whether it is this repository or a test's small one. */
export interface Project {
  readonly root: string
  /** Every file that people write, relative to the root, sorted. */
  readonly paths: readonly string[]
  readonly sources: readonly SourceFile[]
  read(path: string): string
}

export interface SourceFile {
  readonly path: string
  readonly text: string
  /** The folder below `packages/`, for a file of a package. */
  readonly package: string | undefined
  /** Tests, and what only tests use: the folders `contract`, `contracts` and `__fixtures__`. */
  readonly isTest: boolean
  readonly program: Program
  readonly imports: readonly Import[]
  lineAt(offset: number): number
}

export interface Import {
  readonly specifier: string
  readonly line: number
  /** The file meant by a relative specifier, relative to the root. */
  readonly target: string | undefined
}

const leftOut = new Set(['node_modules', 'dist', 'coverage', 'api-reference', '.git', '.sluice', '.vitest', '.work'])

export function openProject(root: string): Project {
  const paths = listFiles(root, '').toSorted()
  const read = (path: string): string => readFileSync(join(root, path), 'utf8')
  return {
    root,
    paths,
    sources: paths.filter((path) => path.endsWith('.ts') && !isGenerated(path)).map((path) => parse(path, read(path))),
    read,
  }
}

/** Not written by people: `*.generated.ts`, recordings in `__fixtures__`, the lockfile. */
export function isGenerated(path: string): boolean {
  return /\.generated\.ts$|\/__fixtures__\/.*(?<!\.ts)$|(^|\/)package-lock\.json$/.test(path)
}

/** The packages' own names by their folder: `engine` → `sluice`. */
export function packageNames(project: Project): ReadonlyMap<string, string> {
  return new Map(
    project.paths.flatMap((path) => {
      const folder = /^packages\/([^/]+)\/package\.json$/.exec(path)?.[1]
      return folder === undefined ? [] : [[folder, (JSON.parse(project.read(path)) as { name: string }).name] as const]
    }),
  )
}

/** What a package's `exports` names, as it is imported; patterns aside, which are for applications. */
export function packageEntries(project: Project, folder: string): readonly string[] {
  const manifest = JSON.parse(project.read(`packages/${folder}/package.json`)) as {
    readonly name: string
    readonly exports?: Readonly<Record<string, unknown>>
  }
  return Object.keys(manifest.exports ?? { '.': {} })
    .filter((entry) => !entry.includes('*'))
    .map((entry) => posix.join(manifest.name, entry))
}

function listFiles(root: string, folder: string): string[] {
  const isListed = (entry: Dirent): boolean => !leftOut.has(entry.name) && !entry.name.endsWith('.tsbuildinfo')
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(isListed)
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name)
      if (entry.isDirectory()) return listFiles(root, path)
      return entry.isFile() ? [path] : []
    })
}

function parse(path: string, text: string): SourceFile {
  const { program, module, errors } = parseSync(path, text)
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`)
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)]
  const lineAt = (offset: number): number => lineStarts.findLastIndex((start) => start <= offset) + 1
  const imports: Import[] = []
  const add = (specifier: string, offset: number): void => {
    const target = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined
    imports.push({ specifier, line: lineAt(offset), target })
  }
  for (const { moduleRequest, start } of module.staticImports) add(moduleRequest.value, start)
  for (const { entries, start } of module.staticExports) {
    const request = entries.find((entry) => entry.moduleRequest !== null)?.moduleRequest
    if (request) add(request.value, start)
  }
  new Visitor({
    ImportExpression: ({ source, start }) => {
      if (source.type === 'Literal' && typeof source.value === 'string') add(source.value, start)
    },
    TSImportType: ({ source, start }) => add(source.value, start),
  }).visit(program)
  return {
    path,
    text,
    package: /^packages\/([^/]+)\/src\//.exec(path)?.[1],
    isTest: /\.test\.ts$|^(tests|tools|bench)\/|\/(contracts?|__fixtures__)\//.test(path),
    program,
    imports,
    lineAt,
  }
}
