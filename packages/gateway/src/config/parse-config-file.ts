import type { ConfigFile, ConfigPath, ConfigProblem } from 'sluice'
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml'

export interface ParsedConfigFile {
  /** Unchecked; `undefined` when the text could not be read. */
  readonly input: unknown
  readonly file: ConfigFile
  readonly problems: readonly ConfigProblem[]
}

// More than any honest file needs; a chain of aliases grows exponentially.
const maximumAliases = 100

/** Reads YAML, of which JSON is a part, and remembers where everything stands. `name` is for messages. */
export function parseConfigFile(text: string, name: string): ParsedConfigFile {
  const lines = new LineCounter()
  const document = parseDocument(mask(text), { lineCounter: lines, prettyErrors: false, merge: true })
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const problemAt = (offset: number, message: string): ConfigProblem => {
    const { line, column } = at(offset)
    return { where: `${name}:${line}:${column}`, path: [], message }
  }
  const file: ConfigFile = {
    name,
    position: (path, part) => {
      const offset = offsetOf(document, path, part)
      return offset === undefined ? undefined : at(offset)
    },
  }
  const broken = [...document.errors, ...document.warnings].map(({ pos, message }) =>
    problemAt(pos[0], unmask(message)),
  )
  if (broken.length > 0) return { input: undefined, file, problems: broken }
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string') node.value = unmask(node.value)
    },
  })
  try {
    return { input: document.toJS({ maxAliasCount: maximumAliases }) as unknown, file, problems: [] }
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'it cannot be read'
    return { input: undefined, file, problems: [{ where: name, path: [], message: reason }] }
  }
}

/** Where a key or its value starts; of the nearest group around it when it is not written there. */
function offsetOf(document: Document, path: ConfigPath, part: 'key' | 'value'): number | undefined {
  let node: unknown = document.contents
  let offset = startOf(node)
  for (const [depth, step] of path.entries()) {
    const group = isAlias(node) ? node.resolve(document) : node
    const isLast = depth === path.length - 1
    if (isSeq(group) && typeof step === 'number') {
      node = group.items[step]
      offset = startOf(node) ?? offset
    } else if (isMap(group)) {
      const pair = group.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      if (pair === undefined) return offset
      const keyOffset = startOf(pair.key)
      node = pair.value
      offset = (isLast && part === 'value' ? startOf(node) : undefined) ?? keyOffset ?? offset
    } else return offset
  }
  return offset
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0]
}

/*
 * In YAML's flow form a bare text may hold no braces, yet `{ api_key: ${GROQ_API_KEY} }` is what people write.
 * So the characters of a reference are swapped, one for one so that places stay, for code points that no text
 * may hold (Unicode, section 23.7), and back when YAML has been read.
 */
const special = '${},[]:#&*!|>%@`'
const firstStandIn = 0xfdd0

function mask(text: string): string {
  return text.replaceAll(/\$\{[^{}\n"']*\}/g, (reference) =>
    reference.replaceAll(/[${},[\]:#&*!|>%@`]/g, (character) =>
      String.fromCodePoint(firstStandIn + special.indexOf(character)),
    ),
  )
}

function unmask(text: string): string {
  return text.replaceAll(
    /[\ufdd0-\ufddf]/g,
    (character) => special[(character.codePointAt(0) ?? 0) - firstStandIn] ?? '',
  )
}
