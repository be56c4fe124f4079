import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { Check, Finding } from './check.ts'
import type { Project } from './project.ts'

export const docsLinksCheck: Check = {
  name: 'docs: links and commands',
  fix: 'Correct the link, or the name of the npm script.',
  run: (project) => {
    const { scripts } = JSON.parse(project.read('package.json')) as { scripts: Record<string, string> }
    return project.paths
      .filter((path) => path.endsWith('.md') && !path.startsWith('.changeset/'))
      .flatMap((path) => [...checkLinks(project, path), ...checkCommands(project, path, scripts)])
  },
}

function checkLinks(project: Project, file: string): Finding[] {
  return [...matchLines(project.read(file), /\]\(([^)\s]+)\)/g)].flatMap(([line, link]) => {
    if (/^[a-z]+:/.test(link)) return []
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? file : posix.join(posix.dirname(file), path)
    if (!existsSync(join(project.root, target)))
      return [{ file, line, message: `links to ${link}, which does not exist` }]
    if (anchor === undefined || !target.endsWith('.md') || anchors(project.read(target)).has(anchor)) return []
    return [{ file, line, message: `links to ${link}; ${target} has no such heading` }]
  })
}

function checkCommands(project: Project, file: string, scripts: Readonly<Record<string, string>>): Finding[] {
  return [...matchLines(project.read(file), /\bnpm run ([\w:-]+)/g)]
    .filter(([, script]) => scripts[script] === undefined)
    .map(([line, script]) => ({ file, line, message: `names \`npm run ${script}\`, which package.json does not have` }))
}

/** As GitHub makes them. */
function anchors(markdown: string): ReadonlySet<string> {
  const headings = [...markdown.matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) => heading)
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  )
}

function* matchLines(text: string, pattern: RegExp): Generator<readonly [line: number, found: string]> {
  for (const [index, line] of text.split('\n').entries()) {
    for (const [, found = ''] of line.matchAll(pattern)) yield [index + 1, found]
  }
}
