import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type ConfigProblem, type PromptSettings, readPrompt } from 'sluice'
import type { ParsedConfigFile } from './parse-config-file.ts'

export interface LoadedPrompts {
  readonly prompts: Readonly<Record<string, PromptSettings>>
  /** By prompt, the file that it is from. */
  readonly files: ReadonlyMap<string, string>
  readonly problems: readonly ConfigProblem[]
}

/** Of a file of a prompt: its name is the prompt's, `greeting.prompt` or `greeting@2.prompt`. */
const ending = '.prompt'

/**
 * Reads the prompts of a folder: in each file settings in YAML between two lines `---`, below them what the user says.
 * Never throws: what cannot be read is a problem where it stands.
 *
 * @param folder relative to the config file.
 */
export async function loadPrompts(folder: string, configFile: string): Promise<LoadedPrompts> {
  const directory = resolve(dirname(configFile), folder)
  let names: readonly string[]
  try {
    names = (await readdir(directory)).filter((name) => name.endsWith(ending))
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    const message = `the folder ${directory} cannot be read (${reason})`
    return { prompts: {}, files: new Map(), problems: [{ path: ['prompts_dir'], message }] }
  }
  const found = await Promise.all(
    names.toSorted().map(async (name) => {
      const text = await readFile(join(directory, name), 'utf8')
      return { id: name.slice(0, -ending.length), name: join(folder, name), ...(await parse(text, join(folder, name))) }
    }),
  )
  const readings = found.map(({ id, file, problems, value }) =>
    problems.length > 0 ? { problems } : readPrompt(id, value, file),
  )
  return {
    prompts: Object.fromEntries(
      readings.flatMap((reading, index) => ('prompt' in reading ? [[found[index]!.id, reading.prompt]] : [])),
    ),
    files: new Map(found.map(({ id, name }) => [id, name])),
    problems: readings.flatMap((reading) => ('problems' in reading ? reading.problems : [])),
  }
}

async function parse(
  text: string,
  name: string,
): Promise<Pick<ParsedConfigFile, 'file' | 'problems'> & { readonly value: unknown }> {
  const { parseConfigFile } = await import('./parse-config-file.ts')
  const [, settings = '', body = text] = /^---[^\S\n]*\r?\n(.*?)^---[^\S\n]*(?:\r?\n|$)(.*)$/ms.exec(text) ?? []
  // Below a line in the place of the first `---`, so that lines are counted as in the file.
  const { input, file, problems } = parseConfigFile(`\n${settings}`, name)
  const said = body.trim()
  const isGroup = typeof input === 'object' && input !== null && !Array.isArray(input)
  if (problems.length > 0 || (!isGroup && input !== null && input !== undefined))
    return { file, problems, value: input }
  if (isGroup && 'user' in input && said !== '') {
    const message = 'the text below the settings is what the user says: it cannot be among them too'
    return { file, problems: [{ where: name, path: ['user'], message }], value: undefined }
  }
  return { file, problems, value: { ...input, ...(said !== '' && { user: said }) } }
}
