import type { CodecContext } from '../../dialect.ts'
import { inner, isString, warnChanged, type WireObject } from './wire.ts'

/** Gives documents of the same name different ones, and puts a text beside those that stand alone: Bedrock wants both. */
export function nameDocuments(turns: readonly WireObject[][], context: CodecContext): void {
  const names = new Set<string>()
  for (const content of turns) {
    for (const [at, block] of content.entries()) {
      const document = inner(block, 'document')
      if (document === undefined || !isString(document['name'])) continue
      const name = unusedName(document['name'], names)
      names.add(name)
      if (name !== document['name']) content[at] = { document: { ...document, name } }
    }
    if (content.some((block) => 'document' in block) && !content.some((block) => 'text' in block)) {
      warnChanged(context, 'messages', 'A document does not stand alone: a text was put beside it.')
      content.push({ text: 'See the document.' })
    }
  }
}

function unusedName(name: string, taken: ReadonlySet<string>): string {
  let candidate = name
  for (let count = 2; taken.has(candidate); count++) candidate = `${name} ${count}`
  return candidate
}
