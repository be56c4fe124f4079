import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { GeneratedFile } from './generator.ts'

const folder = 'packages/engine/src/strategies'
/** The seam that all the others implement. */
const seam = 'strategy.ts'

/** The folder is the registry: the list of all strategies. */
export async function generateStrategies(root: string): Promise<readonly GeneratedFile[]> {
  const files = (await readdir(join(root, folder)))
    .filter((name) => /^[a-z0-9-]+\.ts$/.test(name) && name !== seam)
    .toSorted()
  const names = await Promise.all(files.map((file) => exportOf(root, file)))
  const text = `// Written by \`npm run generate\` from the files in strategies/.
${files.map((file, index) => `import { ${names[index]} } from './strategies/${file}'`).join('\n')}
import type { StrategyKind } from './strategies/strategy.ts'

/** Every built-in strategy, by its name. */
export const strategies: ReadonlyMap<string, StrategyKind> = new Map(
  [
${names.map((name) => `    ${name},`).join('\n')}
  ].map((kind) => [kind.name, kind]),
)
`
  return [{ path: 'packages/engine/src/strategies.generated.ts', text }]
}

async function exportOf(root: string, file: string): Promise<string> {
  const name = file.replace(/\.ts$/, '')
  const exportName = name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  const module = (await import(pathToFileURL(join(root, folder, file)).href)) as Record<string, { name?: string }>
  if (module[exportName]?.name !== name) {
    throw new Error(`${folder}/${file} must export \`${exportName}\`, a strategy with the name '${name}'.`)
  }
  return exportName
}
