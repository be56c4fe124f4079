import { isBuiltin } from 'node:module'
import type { Check, Finding } from './check.ts'
import { packageEntries, packageNames, type Project, type SourceFile } from './project.ts'

interface Layer {
  /** The packages, by their folder, that this one may import. */
  readonly imports: readonly string[]
  /** Runs where there is no Node: sources use no Node built-ins. Tests may. */
  readonly portable?: true
  /** Imports nothing from outside at all. */
  readonly bare?: true
}

/** Imports run one way: protocol ← engine ← gateway. */
const layers: Readonly<Record<string, Layer>> = {
  protocol: { imports: [], portable: true, bare: true },
  engine: { imports: ['protocol'], portable: true },
  simulator: { imports: ['protocol'] },
  gateway: { imports: ['protocol', 'engine', 'simulator'] },
  dashboard: { imports: [] },
}

/** What tests of the upper packages may use besides: an upstream to talk to. */
const testPackage = 'simulator'

/** Real databases, which the tests of every store run against wherever it lives. */
const testServers = 'tests/servers/'

/** Folders inside a package that its other folders must not import. */
const innermost: Readonly<Record<string, string>> = { gateway: 'packages/gateway/src/cli/' }

export const layersCheck: Check = {
  name: 'layers',
  fix: 'Imports run protocol ← engine ← gateway ← cli. Move the code down to where both can reach it, or pass it in.',
  run: (project) => [...checkManifests(project), ...checkImports(project)],
}

interface ImportedPackage {
  readonly folder: string
  readonly name: string
  readonly entries: readonly string[]
}

function checkImports(project: Project): Finding[] {
  const packages = [...packageNames(project)].map(([folder, name]) => ({
    folder,
    name,
    entries: packageEntries(project, folder),
  }))
  return project.sources.flatMap((source) =>
    source.imports.flatMap(({ specifier, target, line }) => {
      const message = target === undefined ? judgeName(source, specifier, packages) : judgePath(source, target)
      return message === undefined ? [] : [{ file: source.path, line, message }]
    }),
  )
}

function judgePath(source: SourceFile, target: string): string | undefined {
  if (source.package === undefined) {
    return /^packages\/[^/]+\/src\//.test(target) && !source.path.startsWith('tools/')
      ? `imports ${target} past the front door; import the package by its name`
      : undefined
  }
  const own = `packages/${source.package}/src/`
  if (!target.startsWith(own)) {
    const shared = source.isTest && target.startsWith(testServers)
    return shared || isContractBelow(source, target) ? undefined : `imports ${target}, which is outside of its package`
  }
  const inner = innermost[source.package]
  if (inner !== undefined && target.startsWith(inner) && !source.path.startsWith(inner)) {
    return `imports ${target}: nothing but ${inner} itself may`
  }
  return undefined
}

/** The suite of a seam, which the tests of every implementation run wherever it lives. */
function isContractBelow(source: SourceFile, target: string): boolean {
  const below = /^packages\/([^/]+)\/src\/.*\bcontracts?\//.exec(target)?.[1]
  const own = source.package === undefined ? undefined : layers[source.package]
  return source.isTest && below !== undefined && own?.imports.includes(below) === true
}

function judgeName(source: SourceFile, specifier: string, packages: readonly ImportedPackage[]): string | undefined {
  if (source.package === undefined) return undefined
  const layer = layers[source.package]
  if (layer === undefined) return `packages/${source.package} has no place among the layers in tools/checks/layers.ts`
  const imported = packages.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`))
  if (imported !== undefined) {
    const { folder, name, entries } = imported
    if (!entries.includes(specifier)) return `imports ${specifier}; the package's entries are ${entries.join(', ')}`
    const allowed = source.isTest && layer.bare !== true ? [...layer.imports, testPackage] : layer.imports
    return allowed.includes(folder) ? undefined : `${source.package} imports ${name}, which is not below it`
  }
  if (source.isTest) return undefined
  if (layer.portable === true && isBuiltin(specifier))
    return `imports ${specifier}; ${source.package} runs without Node`
  return layer.bare === true ? `imports ${specifier}; ${source.package} depends on nothing` : undefined
}

function checkManifests(project: Project): Finding[] {
  const names = packageNames(project)
  return [...names].flatMap(([folder]) => {
    const file = `packages/${folder}/package.json`
    const manifest = JSON.parse(project.read(file)) as { dependencies?: Record<string, string> }
    const layer = layers[folder]
    if (layer === undefined) return [{ file, message: 'has no place among the layers in tools/checks/layers.ts' }]
    return Object.keys(manifest.dependencies ?? {}).flatMap((dependency) => {
      if (layer.bare === true) return [{ file, message: `depends on ${dependency}; ${folder} depends on nothing` }]
      const sibling = [...names].find(([, name]) => name === dependency)?.[0]
      if (sibling === undefined || layer.imports.includes(sibling)) return []
      return [{ file, message: `depends on ${dependency}, which is not below it` }]
    })
  })
}
