import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A fenced block of a page. */
export interface CodeBlock {
  /** Relative to the repository's root. */
  readonly page: string
  /** Of its first line of code, from 1. */
  readonly line: number
  /** The heading above it, of the second or third level; empty before the first. */
  readonly section: string
  /** The word after the fence; empty where there is none. */
  readonly language: string
  readonly code: string
}

export const root: string = join(import.meta.dirname, '../..')

/** Every fenced block of the pages that users read, but for text that is no code. */
export function readCodeBlocks(): readonly CodeBlock[] {
  return listPages()
    .flatMap((page) => blocksOf(page, readFileSync(join(root, page), 'utf8')))
    .filter(({ language }) => language !== 'text')
}

/** Those of one page, in its order. */
export function readCodeBlocksOf(page: string): readonly CodeBlock[] {
  return readCodeBlocks().filter((block) => block.page === page)
}

function listPages(): readonly string[] {
  const below = (folder: string): readonly string[] =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
  const readmes = readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`)
  return ['README.md', ...readmes, ...[...below('docs'), ...below('examples')].filter((name) => name.endsWith('.md'))]
}

function blocksOf(page: string, text: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = []
  let section = ''
  let open: { line: number; language: string; lines: string[] } | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const [, language] = /^```(\w*)$/.exec(line) ?? []
    if (open === undefined) {
      section = /^#{2,3} (.*)$/.exec(line)?.[1] ?? section
      if (language !== undefined) open = { line: index + 2, language, lines: [] }
    } else if (language === undefined) open.lines.push(line)
    else {
      blocks.push({ page, line: open.line, section, language: open.language, code: `${open.lines.join('\n')}\n` })
      open = undefined
    }
  }
  if (open !== undefined) throw new Error(`${page}:${open.line}: the block has no end`)
  return blocks
}
