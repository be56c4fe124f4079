import type { Check, Finding } from './check.ts'
import { packageNames, type Project } from './project.ts'

interface Manifest {
  readonly version?: string
  readonly private?: boolean
  readonly license?: string
  readonly description?: string
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly dependencies?: Readonly<Record<string, string>>
}

export const packagesCheck: Check = {
  name: 'packages',
  fix: 'Correct the package.json; all packages carry one version and exact dependencies.',
  run: (project) => {
    const names = packageNames(project)
    const version = readManifest(project, 'packages/engine/package.json').version
    const siblings = new Set(names.values())
    return [...names.keys()].flatMap((folder): Finding[] => {
      const file = `packages/${folder}/package.json`
      const manifest = readManifest(project, file)
      const messages = [
        ...checkVersions(manifest, version, siblings),
        ...(manifest.private === true ? [] : [...checkEntries(manifest), ...checkCompanions(project, folder)]),
      ]
      return messages.map((message) => ({ file, message }))
    })
  },
}

function readManifest(project: Project, path: string): Manifest {
  return JSON.parse(project.read(path)) as Manifest
}

/** One version for all; exact ones for the rest, so that what was tested is what is installed. */
function checkVersions(manifest: Manifest, version: string | undefined, siblings: ReadonlySet<string>): string[] {
  const own = manifest.version === version ? [] : [`has version ${manifest.version}, the library ${version}`]
  const dependencies = Object.entries(manifest.dependencies ?? {})
    .filter(([name, range]) => (siblings.has(name) ? range !== version : !/^\d/.test(range)))
    .map(([name, range]) => `depends on ${name} ${range}, not on one exact version`)
  return [...own, ...dependencies]
}

function checkEntries({ license, description, exports }: Manifest): string[] {
  const wanted = 'sluice-source, types, default'
  return [
    ...(license === 'Apache-2.0' ? [] : ['does not say its licence']),
    ...(description === undefined ? ['does not say what it is'] : []),
    ...Object.entries(exports ?? {})
      .filter(([, conditions]) => Object.keys(conditions).join(', ') !== wanted)
      .map(([entry]) => `exports ${entry} under other conditions than ${wanted}, in this order`),
  ]
}

/** npm publishes them with the package. */
function checkCompanions(project: Project, folder: string): string[] {
  return ['README.md', 'LICENSE']
    .filter((name) => !project.paths.includes(`packages/${folder}/${name}`))
    .map((name) => `has no ${name} beside it`)
}
