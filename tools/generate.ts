import { readFile, writeFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateCommandLine } from './generate/command-line.ts'
import { generateConfiguration } from './generate/configuration.ts'
import { generateCookbook } from './generate/cookbook.ts'
import type { Generator } from './generate/generator.ts'
import { generateModels } from './generate/models.ts'
import { runGenerators } from './generate/run-generators.ts'
import { generateProviders } from './generate/providers.ts'
import { generateStrategies } from './generate/strategies.ts'
import { generateTranslation } from './generate/translation.ts'
import { generateVersion } from './generate/version.ts'

/** Everything in the repository that is written by a program from something else in it. */
const generators: readonly Generator[] = [
  generateProviders,
  generateStrategies,
  generateConfiguration,
  generateCommandLine,
  generateCookbook,
  generateVersion,
  generateModels,
  generateTranslation,
]

const root = fileURLToPath(new URL('..', import.meta.url))
const check = process.argv.includes('--check')
const changed = await runGenerators(generators, root, {
  read: (path) => readFile(path, 'utf8').catch(() => undefined),
  write: check ? undefined : writeFile,
})

for (const path of changed) {
  const name = relative(root, path)
  if (check) console.error(`${name} is not up to date: run \`npm run generate\` and commit what it writes.`)
  else console.log(`wrote ${name}`)
}
if (check && changed.length > 0) process.exitCode = 1
