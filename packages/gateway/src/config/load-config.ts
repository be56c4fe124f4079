import { readFile } from 'node:fs/promises'
import {
  type Config,
  type ConfigFile,
  type ConfigFlags,
  type ConfigInput,
  type ConfigPath,
  type ConfigProblem,
  type ConfigReading,
  createPromptBook,
  type Environment,
  formatPath,
  interpolate,
  loadConditions,
  type Provider,
  readConfig,
} from 'sluice'
import { findConfigFile } from './find-config-file.ts'
import type { LoadedPrompts } from './load-prompts.ts'
import { loadStrategies } from './load-strategies.ts'

export interface LoadConfigOptions {
  readonly presets: readonly Provider[]
  /** As `ConfigSources` has it. */
  readonly added?: readonly string[] | undefined
  /** What stands in for `process.env`. */
  readonly environment: Environment
  /** Where usual file names are looked for. */
  readonly directory: string
  /** Of `--config`. */
  readonly file?: string | undefined
  readonly flags?: ConfigFlags | undefined
}

export interface LoadedConfig extends ConfigReading {
  /** The file that was read, as people know it. */
  readonly file: string | undefined
}

/** Finds the config file, reads it, and completes it by environment and flags. Never throws for what users wrote. */
export async function loadConfig(options: LoadConfigOptions): Promise<LoadedConfig> {
  const { presets, added, environment, flags } = options
  const found = findConfigFile(options.file, environment, options.directory)
  if (found === undefined) return { ...readConfig({ presets, added, environment, flags }), file: undefined }
  if ('problem' in found) return failed([found.problem], undefined)
  const parsed = await parse(found.path, found.name)
  if (parsed.problems.length > 0) return failed(parsed.problems, found.name)
  // `readConfig` checks what it is given, whatever type it claims to have.
  const input = parsed.input as ConfigInput
  const strategies = await loadStrategies(input, found.path)
  const loaded = await promptsOf(input, found.path, environment)
  const prompts = loaded?.prompts
  // Only targets of routes have any.
  const condition = input?.routes ? await loadConditions() : undefined
  const reading = readConfig({
    presets,
    added,
    environment,
    flags,
    input,
    file: parsed.file,
    strategies,
    condition,
    prompts,
  })
  const texts = reading.config && (await checkPrompts(reading.config, input, parsed.file, loaded))
  const problems = [...(loaded?.problems ?? []), ...(texts ?? []), ...reading.problems].toSorted(byPlace)
  const { config, ...rest } = reading
  const sound = config !== undefined && problems.length === 0
  // What is not sound may be endless.
  const origins = sound ? withPlaces(reading.origins, input, parsed.file) : reading.origins
  return { ...rest, origins, ...(sound && { config }), problems, file: found.name }
}

/** Of the folder that the config names; `undefined` where it names none. */
async function promptsOf(
  input: ConfigInput | null | undefined,
  file: string,
  environment: Environment,
): Promise<LoadedPrompts | undefined> {
  const { value } = interpolate(input?.prompts_dir, environment)
  if (typeof value !== 'string' || value === '') return undefined
  const { loadPrompts } = await import('./load-prompts.ts')
  return loadPrompts(value, file)
}

/** Their texts, which only the library for templates can read: it is loaded where there are any. */
async function checkPrompts(
  { prompts }: Config,
  input: ConfigInput,
  file: ConfigFile | undefined,
  loaded: LoadedPrompts | undefined,
): Promise<readonly ConfigProblem[] | undefined> {
  if (prompts.length === 0) return undefined
  const problems = await createPromptBook(prompts).check()
  return problems.map(({ template: { name, version }, message }) => {
    const ids = [`${name}@${version}`, name]
    const own = ids.map((id) => loaded?.files.get(id)).find((found) => found !== undefined)
    if (own !== undefined) return { where: own, path: [], message }
    const path = ['prompts', ids.find((id) => Object.hasOwn(input.prompts ?? {}, id)) ?? name]
    const position = file?.position(path, 'key')
    return {
      ...(file !== undefined &&
        position !== undefined && { where: `${file.name}:${position.line}:${position.column}` }),
      path,
      message,
    }
  })
}

/** The lines of whatever else the file says, groups and members of lists too. */
function withPlaces(
  known: ReadonlyMap<string, string>,
  input: unknown,
  file: ConfigFile | undefined,
): ReadonlyMap<string, string> {
  if (file === undefined) return known
  const { name, position } = file
  const origins = new Map(known)
  function visit(value: unknown, above: ConfigPath): void {
    if (typeof value !== 'object' || value === null) return
    for (const [key, member] of Object.entries(value)) {
      const path = [...above, Array.isArray(value) ? Number(key) : key]
      const text = formatPath(path)
      const line = origins.has(text) ? undefined : position(path, 'key')?.line
      if (line !== undefined) origins.set(text, `${name}:${line}`)
      visit(member, path)
    }
  }
  visit(input, [])
  return origins
}

/** As they stand in the file; what has no line there comes last. */
function byPlace(left: ConfigProblem, right: ConfigProblem): number {
  const place = ({ where = '' }: ConfigProblem): number => {
    const [, line, column] = /:(\d+):(\d+)$/.exec(where) ?? []
    return line === undefined ? Number.MAX_SAFE_INTEGER : Number(line) * 1e6 + Number(column)
  }
  return place(left) - place(right)
}

async function parse(
  path: string,
  name: string,
): Promise<{ input: unknown; file?: ConfigFile; problems: readonly ConfigProblem[] }> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    return { input: undefined, problems: [{ where: name, path: [], message: `the file cannot be read (${reason})` }] }
  }
  // The YAML library is loaded only where there is a file: start-up is measured.
  const { parseConfigFile } = await import('./parse-config-file.ts')
  return parseConfigFile(text, name)
}

function failed(problems: readonly ConfigProblem[], file: string | undefined): LoadedConfig {
  return { origins: new Map(), problems, warnings: [], file }
}
