import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The folders of the PATH, then those that Debian keeps PostgreSQL's programs in, newest first. */
function folders(): readonly string[] {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  return [...(process.env['PATH'] ?? '').split(delimiter), ...versions.map((version) => join(debian, version, 'bin'))]
}

/** The path of the first of these commands that this machine has. */
export function findProgram(...commands: readonly string[]): string | undefined {
  const places = folders()
  return commands.flatMap((command) => places.map((place) => join(place, command))).find((path) => existsSync(path))
}

/** As `findProgram`. @throws Error that says how to get it. */
export function requireProgram(...commands: readonly string[]): string {
  const path = findProgram(...commands)
  if (path === undefined) {
    throw new Error(`${commands[0]} is not installed: node tools/install-programs.mjs postgresql redis`)
  }
  return path
}
