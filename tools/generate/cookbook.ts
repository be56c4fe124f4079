import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GeneratedFile } from './generator.ts'

const page = 'docs/cookbook.md'

/**
 * The code on the page is that of `examples/`: below each marker `<!-- examples/tools.ts -->` stands the file. What is
 * around it is written by people. An example without a marker, and a marker without an example, is an error.
 */
export async function generateCookbook(root: string): Promise<readonly GeneratedFile[]> {
  const written = readFileSync(join(root, page), 'utf8')
  const shown: string[] = []
  const text = written.replaceAll(
    /^(<!-- (examples\/\S+) -->\n)(?:\n?```\w+\n.*?^```\n)?/gms,
    (_match, marker: string, path: string) => {
      shown.push(path)
      return `${marker}\n\`\`\`ts\n${readFileSync(join(root, path), 'utf8')}\`\`\`\n`
    },
  )
  const missing = listExamples(root).filter((path) => !shown.includes(path))
  if (missing.length > 0) throw new Error(`${page} has no marker <!-- ${missing.join(' -->, <!-- ')} -->`)
  return [{ path: page, text }]
}

function listExamples(root: string): readonly string[] {
  return readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `examples/${path.replaceAll('\\', '/')}`)
}
