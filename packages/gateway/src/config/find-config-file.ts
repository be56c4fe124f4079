import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type ConfigProblem, configFileVariable, type Environment } from 'sluice'

/** Looked for in the working directory, in this order. */
const configFileNames: readonly string[] = ['sluice.yaml', 'sluice.yml', 'sluice.json']

export interface FoundConfigFile {
  readonly path: string
  /** As people know it, for messages: what they wrote, or the bare name. */
  readonly name: string
}

/**
 * The config file: that of the flag `--config`, else of `SLUICE_CONFIG`, else the first usual name that is in
 * `directory`. `undefined` when there is none; a problem when one was named that is not there.
 */
export function findConfigFile(
  flag: string | undefined,
  environment: Environment,
  directory: string,
): FoundConfigFile | { readonly problem: ConfigProblem } | undefined {
  const variable = environment[configFileVariable]?.trim() ?? ''
  const name = flag ?? (variable === '' ? undefined : variable)
  if (name === undefined) {
    const usual = configFileNames.find((candidate) => existsSync(join(directory, candidate)))
    return usual === undefined ? undefined : { path: join(directory, usual), name: usual }
  }
  const path = resolve(directory, name)
  if (existsSync(path)) return { path, name }
  const where = flag === undefined ? `environment variable ${configFileVariable}` : 'flag --config'
  return { problem: { where, path: [], message: `there is no file ${path}` } }
}
