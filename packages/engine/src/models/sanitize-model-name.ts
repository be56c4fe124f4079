import { SluiceError } from '@sluice/protocol'

const longest = 256

/**
 * A caller's model name, checked: it can be put into a path, a header or a log and can change neither the
 * upstream's path nor its host. Letters, digits and `/ : . - _ @ ~ +`, and single spaces inside. That covers
 * `@cf/openai/gpt-oss-120b`, `ft:gpt-4o:acme::id`, `us.anthropic.claude-v1:0` and `~author/name-latest`.
 * @throws SluiceError `invalid_model_name`
 */
export function sanitizeModelName(name: string): string {
  const problem = modelNameProblem(name)
  if (problem === undefined) return name
  throw new SluiceError('invalid_model_name', `The model name ${problem}.`, { param: 'model' })
}

/** What is wrong with a model name, as the end of a sentence; `undefined` when nothing is. */
export function modelNameProblem(name: string): string | undefined {
  if (name === '') return 'is empty'
  if (name.length > longest) return `has ${name.length} characters; at most ${longest} are allowed`
  if (!/^[A-Za-z0-9/:.\-_@~+ ]+$/.test(name)) {
    return 'has characters that no model name has; letters, digits, spaces and / : . - _ @ ~ + are allowed'
  }
  if (/^ | $| {2}/.test(name)) return 'starts or ends with a space, or has two in a row'
  if (name.startsWith('/') || name.endsWith('/') || name.includes('//')) {
    return 'is no URL and no path: it must not start or end with "/", nor have "//" in it'
  }
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(name)) return 'has "." or ".." as a part of it, like a path'
  return undefined
}
