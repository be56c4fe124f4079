import { posix } from 'node:path'
import { type Expression, type Node, Visitor } from 'oxc-parser'
import type { Check, Finding } from './check.ts'
import type { Project, SourceFile } from './project.ts'

const providers = 'packages/engine/src/providers/'

export const providerIdsCheck: Check = {
  name: 'provider ids',
  fix: "Say the difference as a property of the provider's own file, and branch on the property.",
  run: (project) => {
    const ids = providerIds(project)
    return project.sources
      .filter((source) => source.package !== undefined && !source.isTest && !source.path.startsWith(providers))
      .flatMap((source) => findBranches(source, ids))
  },
}

/** The folder is the registry: a provider's file has its id as its name. */
function providerIds(project: Project): ReadonlySet<string> {
  const files = project.paths.filter((path) => path.startsWith(providers) && /^[^.]+\.ts$/.test(posix.basename(path)))
  return new Set(files.map((path) => posix.basename(path, '.ts')))
}

function findBranches(source: SourceFile, ids: ReadonlySet<string>): Finding[] {
  const findings: Finding[] = []
  const judge = (left: Node, right: Node, offset: number): void => {
    const literal = textOf(left) ?? textOf(right)
    if (literal === undefined || literal === '') return
    if (ids.has(literal) || isProviderId(left) || isProviderId(right)) {
      findings.push({
        file: source.path,
        line: source.lineAt(offset),
        message: `branches on the provider '${literal}'`,
      })
    }
  }
  new Visitor({
    BinaryExpression: ({ left, operator, right, start }) => {
      if (/^[!=]==?$/.test(operator)) judge(left, right, start)
    },
    SwitchStatement: ({ discriminant, cases }) => {
      for (const { test, start } of cases) if (test !== null) judge(discriminant, test, start)
    },
    CallExpression: ({ callee, arguments: [sought], start }) => {
      if (sought === undefined || callee.type !== 'MemberExpression') return
      if (!/^(includes|has|startsWith|endsWith)$/.test(nameOf(callee) ?? '')) return
      if (isProviderId(callee.object)) judge(callee.object, sought, start)
      const [first] = callee.object.type === 'ArrayExpression' ? callee.object.elements : []
      if (first && isProviderId(sought)) judge(sought, first, start)
    },
  }).visit(source.program)
  return findings
}

/** `provider`, `providerId`, `provider.id`, `target.preset.id`: an expression that holds the id of a provider. */
function isProviderId(node: Node): boolean {
  if (node.type === 'ChainExpression') return isProviderId(node.expression)
  const name = nameOf(node)
  if (name === undefined) return false
  if (/^(provider|preset)(Id|Name)?$/.test(name)) return true
  return name === 'id' && node.type === 'MemberExpression' && /(provider|preset)$/i.test(nameOf(node.object) ?? '')
}

function nameOf(node: Node | Expression): string | undefined {
  if (node.type === 'Identifier') return node.name
  return node.type === 'MemberExpression' && !node.computed ? node.property.name : undefined
}

function textOf(node: Node): string | undefined {
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined
}
