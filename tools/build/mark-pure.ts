import { parseSync } from 'oxc-parser'
import { RolldownMagicString, type Plugin } from 'rolldown'

/**
 * Loading a module does nothing (a law of this house), so that a value nobody uses may be left out however it is made.
 * A bundler cannot know that, and of all that is in one file it asks it statement by statement: this tells it.
 */
export const markPure: Plugin = {
  name: 'mark-pure',
  transform(code, id) {
    if (!id.endsWith('.ts')) return null
    const text = new RolldownMagicString(code)
    for (const { start, end, isCall } of valuesOfConstants(id, code)) {
      text.appendLeft(start, isCall ? '/*#__PURE__*/ ' : '/*#__PURE__*/ (() => (')
      if (!isCall) text.appendRight(end, '))()')
    }
    return { code: text }
  },
}

interface Span {
  readonly start: number
  readonly end: number
}

interface Node extends Span {
  readonly type: string
}

/**
 * What does something when the module is loaded. A call is marked as it is; what reads members or spreads, which
 * getters could make into anything, is marked as a whole.
 */
function valuesOfConstants(file: string, code: string): readonly (Span & { readonly isCall: boolean })[] {
  return parseSync(file, code).program.body.flatMap((statement) => {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (declaration?.type !== 'VariableDeclaration') return []
    return declaration.declarations.flatMap(({ init }) => {
      if (init === null) return []
      const found = [...nodesOnLoading(init)]
      if (found.some(({ type }) => type === 'AwaitExpression')) return []
      if (found.some(({ type }) => type === 'SpreadElement' || type === 'MemberExpression')) return [wholly(init)]
      const calls = found.filter(({ type }) => type === 'CallExpression' || type === 'NewExpression')
      return calls.map(({ start, end }) => ({ start, end, isCall: true }))
    })
  })
}

const wholly = ({ start, end }: Span): Span & { readonly isCall: boolean } => ({ start, end, isCall: false })

function* nodesOnLoading(node: Node): Generator<Node> {
  if (/Function|Class/.test(node.type)) return
  yield node
  for (const value of Object.values(node).flat()) if (isNode(value)) yield* nodesOnLoading(value)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}
