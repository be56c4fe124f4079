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
    const version = read(project, 'packages/engine/package.json').version
    return [...names.keys()].flatMap((folder) => {
      const file = `packages/${folder}/package.json`
      return complaints(
        read(project, file),
        version,
        new Set(names.values()),
        project.paths.includes(`packages/${folder}/README.md`),
      ).map((message): Finding => ({ file, message }))
    })
  },
}

function read(project: Project, path: string): Manifest {
  return JSON.parse(project.read(path)) as Manifest
}

function complaints(
  manifest: Manifest,
  version: string | undefined,
  siblings: ReadonlySet<string>,
  hasReadme: boolean,
): string[] {
  const found: string[] = []
  if (manifest.version !== version) found.push(`has version ${manifest.version}, the library ${version}`)
  if (manifest.private === true) return found
  if (manifest.license !== 'Apache-2.0') found.push('does not say its licence')
  if (manifest.description === undefined) found.push('does not say what it is')
  if (!hasReadme) found.push('has no README.md beside it')
  for (const [entry, conditions] of Object.entries(manifest.exports ?? {})) {
    const order = Object.keys(conditions).join(', ')
    if (order !== 'source, types, default')
      found.push(`exports ${entry} under ${order}; wanted: source, types, default`)
  }
  for (const [name, range] of Object.entries(manifest.dependencies ?? {})) {
    if (siblings.has(name) ? range !== version : !/^\d/.test(range))
      found.push(`depends on ${name} ${range}, not on one exact version`)
  }
  return found
}
