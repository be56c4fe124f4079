import { SluiceError } from '@sluice/protocol'

/** Keys and indices from the root of the config: `['providers', 'lab', 'base_url']`. */
export type ConfigPath = readonly (string | number)[]

/** One thing that is wrong. Never holds a secret's value. */
export interface ConfigProblem {
  /** `sluice.yaml:7:5`, `environment variable SLUICE_PORT`, `flag --port`; absent for a config made in code. */
  readonly where?: string
  readonly path: ConfigPath
  /** What is wrong, and the way out. */
  readonly message: string
}

/** `providers.lab.base_url`, `models[0].id`; a key that is no plain word is quoted. */
export function formatPath(path: ConfigPath): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else if (!/^[\w-]+$/.test(part)) text += `[${JSON.stringify(part)}]`
    else text += text === '' ? part : `.${part}`
  }
  return text
}

/** `sluice.yaml:7:5 providers.lab.base_ulr: unknown key; did you mean base_url?` */
export function formatProblem(problem: ConfigProblem): string {
  const parts = [problem.where, formatPath(problem.path)].filter((part) => part !== undefined && part !== '')
  // After a line and column the path needs no more than a space; after words it does.
  const place = parts.join(/:\d+$/.test(problem.where ?? '') ? ' ' : ', ')
  return place === '' ? problem.message : `${place}: ${problem.message}`
}

/** The error that reports every problem at once, one a line. */
export function configError(problems: readonly ConfigProblem[]): SluiceError {
  const lines = problems.map(formatProblem)
  const [first = 'unknown'] = lines
  const message =
    lines.length === 1
      ? `The configuration is wrong: ${first}`
      : `The configuration has ${lines.length} problems:\n${lines.map((line) => `  ${line}`).join('\n')}`
  return new SluiceError('invalid_config', message)
}
