import type { Check, Finding } from './check.ts'
import type { SourceFile } from './project.ts'

export const cyclesCheck: Check = {
  name: 'cycles',
  fix: 'Move what both files need into a third one, or pass it as an argument.',
  run: ({ sources }) => findCycles(sources),
}

/** Depth-first; each circle is told once, at the file where it closes. */
function findCycles(sources: readonly SourceFile[]): Finding[] {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const done = new Set<string>()
  const findings: Finding[] = []
  const visit = (source: SourceFile, way: readonly string[]): void => {
    if (done.has(source.path)) return
    const path = [...way, source.path]
    for (const { target, line } of source.imports) {
      const next = target === undefined ? undefined : byPath.get(target)
      if (next === undefined) continue
      const start = path.indexOf(next.path)
      if (start === -1) visit(next, path)
      else findings.push({ file: source.path, line, message: [...path.slice(start), next.path].join(' → ') })
    }
    done.add(source.path)
  }
  for (const source of sources) visit(source, [])
  return findings
}
