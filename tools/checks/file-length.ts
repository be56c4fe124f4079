import type { Check } from './check.ts'
import { isGenerated } from './project.ts'

const longest = 400

export const fileLengthCheck: Check = {
  name: 'file length',
  fix: 'Split the file where its subject changes; name each part after what it exports.',
  run: (project) =>
    project.paths
      .filter((path) => /\.(ts|mjs|tsx|css)$/.test(path) && !isGenerated(path))
      .map((file) => ({ file, lines: project.read(file).replace(/\n$/, '').split('\n').length }))
      .filter(({ lines }) => lines > longest)
      .map(({ file, lines }) => ({ file, message: `has ${lines} lines; the longest allowed is ${longest}` })),
}
