import { posix } from 'node:path'
import type { Expression, Program } from 'oxc-parser'
import type { Check, Finding } from './check.ts'
import type { SourceFile } from './project.ts'

/** Names that say nothing about what is inside, and so gather everything. */
const emptyNames = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'misc', 'shared', 'types', 'constants'])

/** Programs: the only files that do something when they are loaded. */
const programs =
  /^(packages\/[^/]+\/src\/(cli\/)?main\.ts|(tools|bench)\/[^/]+\.ts|examples\/.+\.ts|[^/]+\.config\.ts)$/

/** Files that others find by their default export. */
const foundByDefault = /\.config\.ts$|^examples\/edge\//

export const conventionsCheck: Check = {
  name: 'conventions',
  fix: 'See "House style" in CONTRIBUTING.md.',
  run: ({ sources }) =>
    sources.flatMap((source) => [
      ...checkName(source),
      ...checkExports(source),
      ...(source.isTest || programs.test(source.path) ? [] : checkLoading(source)),
    ]),
}

function checkName({ path }: SourceFile): Finding[] {
  const [name = ''] = posix.basename(path).split('.')
  if (emptyNames.has(name))
    return [{ file: path, message: 'is named after nothing in it; name it after its main export' }]
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) return [{ file: path, message: 'is not named in kebab-case' }]
  return []
}

function checkExports(source: SourceFile): Finding[] {
  const at = (start: number, message: string): Finding => ({ file: source.path, line: source.lineAt(start), message })
  const findings = source.program.body.flatMap((node) => {
    const inner = node.type === 'ExportNamedDeclaration' && node.declaration ? node.declaration : node
    if (node.type === 'ExportDefaultDeclaration' && !foundByDefault.test(source.path)) {
      return [at(node.start, 'has a default export; give it its name')]
    }
    if (inner.type === 'TSEnumDeclaration') return [at(node.start, 'declares an enum; use a union of strings')]
    // The types of a package that brings none are no namespace.
    if (inner.type === 'TSModuleDeclaration' && inner.id.type !== 'Literal')
      return [at(node.start, 'declares a namespace; use a module')]
    return []
  })
  const isInnerBarrel =
    /^packages\/[^/]+\/src\/.+\/index\.ts$/.test(source.path) && source.program.body.every((node) => isReexport(node))
  return isInnerBarrel
    ? [...findings, { file: source.path, message: 'only passes on exports of other files' }]
    : findings
}

function isReexport(node: Program['body'][number]): boolean {
  return node.type === 'ExportAllDeclaration' || (node.type === 'ExportNamedDeclaration' && node.source !== null)
}

/** Loading a module has no effect, and leaves nothing behind that changes later. */
function checkLoading(source: SourceFile): Finding[] {
  return source.program.body.flatMap((node) => {
    const at = (message: string): Finding[] => [{ file: source.path, line: source.lineAt(node.start), message }]
    if (node.type === 'ExpressionStatement') {
      return completesOwn(node.expression) ? [] : at('does something when it is loaded; put it into a function')
    }
    const inner = node.type === 'ExportNamedDeclaration' && node.declaration ? node.declaration : node
    if (inner.type !== 'VariableDeclaration') return []
    if (inner.kind !== 'const') return at('keeps state in its module; keep it in what a function makes')
    const empty = inner.declarations.some(({ init }) => init !== null && isEmptyContainer(init))
    return empty
      ? at('keeps an empty container in its module, to be filled later; keep it in what a function makes')
      : []
  })
}

/** `table[0x22] = 1`, `table.fill(1)`, `Object.freeze(…)`: completes what the module itself declares. */
function completesOwn(node: Expression): boolean {
  if (node.type === 'AssignmentExpression') return node.left.type === 'MemberExpression' && isOwn(node.left.object)
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return false
  const { object, property } = node.callee
  if (object.type === 'Identifier' && object.name === 'Object') return true
  return isOwn(object) && property.type === 'Identifier' && property.name === 'fill'
}

function isOwn(node: Expression): boolean {
  return node.type === 'Identifier' && node.name !== 'globalThis'
}

function isEmptyContainer(node: Expression): boolean {
  if (node.type === 'ArrayExpression') return node.elements.length === 0
  if (node.type !== 'NewExpression' || node.callee.type !== 'Identifier') return false
  return ['Map', 'Set', 'WeakMap', 'WeakSet', 'Array'].includes(node.callee.name) && node.arguments.length === 0
}
