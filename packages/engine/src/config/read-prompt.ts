import type { ConfigFile } from './build-config.ts'
import type { ConfigProblem } from './config-problem.ts'
import { describeIssues, withoutWords } from './describe-issues.ts'
import { parsePromptId } from '../prompts/prompt-template.ts'
import { buildPrompts, promptNaming, promptSchema, type PromptSettings } from './prompt-schema.ts'

/** One prompt of a file of its own, or what is wrong with it. */
export type PromptReading =
  | { readonly prompt: PromptSettings }
  | { readonly problems: readonly [ConfigProblem, ...ConfigProblem[]] }

/**
 * Checks a prompt that was read from a file.
 * @param id `name` or `name@version`.
 * @param value unchecked.
 */
export function readPrompt(id: string, value: unknown, file: ConfigFile): PromptReading {
  const problems: ConfigProblem[] = []
  const report = (problem: ConfigProblem): void => {
    const position = file.position(problem.path, problem.message.startsWith('unknown key') ? 'key' : 'value')
    const where = position === undefined ? file.name : `${file.name}:${position.line}:${position.column}`
    problems.push({ ...problem, where })
  }
  const result = promptSchema.safeParse(value, withoutWords)
  if (parsePromptId(id) === undefined) report({ path: [], message: `${id}: ${promptNaming}` })
  else if (result.success) buildPrompts({ [id]: result.data }, ([, ...path], message) => report({ path, message }))
  else describeIssues(result.error.issues, promptSchema, value, () => false).forEach(report)
  const [first, ...more] = problems
  return first !== undefined || !result.success
    ? { problems: [first ?? { path: [], message: 'it cannot be read' }, ...more] }
    : { prompt: result.data }
}
