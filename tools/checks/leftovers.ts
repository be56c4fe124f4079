import type { Check, Finding } from './check.ts'
import { isGenerated, type Project } from './project.ts'

interface Rule {
  readonly pattern: RegExp
  readonly files: RegExp
  readonly message: string
}

/** Written so that none of these patterns finds itself. */
const rules: readonly Rule[] = [
  {
    pattern: /\b(?:TO[D]O|FIX[M]E|XX[X]|HAC[K])\b(?!\((?:#\d+|\d{4})\))/,
    files: /\.(ts|mjs|md|ya?ml)$/,
    message: 'leaves work behind; do it, or name its issue or decision: (#12) or (0012)',
  },
  {
    pattern: /\b(?:it|test|describe|suite|bench)\.(?:only|skip|todo|fails)\b/,
    files: /\.test\.ts$/,
    message: 'switches a test off, or all the others; make it run or remove it',
  },
  {
    pattern: /(?<![\w.:/-])\/(?:home|root|Users|work|workspace)\/[\w.-]{2,}/,
    files: /./,
    message: 'names a path of one machine',
  },
  {
    pattern: /\b(?:sk-(?:proj-|ant-|or-)?[\w-]{40,}|gsk_\w{40,}|AKIA(?!.*EXAMPLE)[0-9A-Z]{16}|AIza[\w-]{35})\b/,
    files: /./,
    message: 'looks like a real key; revoke it and take it out of the history',
  },
]

const text = /\.(ts|tsx|mjs|js|json|md|ya?ml|css|html|txt|sh)$|(^|\/)(run|Dockerfile|\.[^/]+)$/

export const leftoversCheck: Check = {
  name: 'leftovers',
  fix: 'Finish it before it is committed.',
  run: (project) =>
    project.paths.filter((path) => text.test(path) && !isGenerated(path)).flatMap((path) => scan(project, path)),
}

function scan(project: Project, file: string): Finding[] {
  const applicable = rules.filter((rule) => rule.files.test(file))
  return project
    .read(file)
    .split('\n')
    .flatMap((line, index) =>
      applicable.filter(({ pattern }) => pattern.test(line)).map(({ message }) => ({ file, line: index + 1, message })),
    )
}
