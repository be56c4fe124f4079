import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GeneratedFile } from './generator.ts'

/** The package's version as code, since the library runs where no file can be read. */
export async function generateVersion(root: string): Promise<readonly GeneratedFile[]> {
  const { version } = JSON.parse(await readFile(join(root, 'packages/engine/package.json'), 'utf8')) as {
    version: string
  }
  const text = `// Written by \`npm run generate\` from package.json.\n/** Of all packages of Sluice. */\nexport const version: string = '${version}'\n`
  return [{ path: 'packages/engine/src/version.generated.ts', text }]
}
