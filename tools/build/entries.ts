import { globSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

interface Manifest {
  readonly bin?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, { readonly default: string }>>
}

export function packageFolders(root: string): readonly string[] {
  return readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name))
}

/**
 * Files of their own, for a bundler parts what is needed at once from what is needed later by files: `sluice/core` reads
 * answers of OpenAI's chat, and loads the rest of the dialect where it has to count tokens itself.
 */
const apart: Readonly<Record<string, readonly string[]>> = {
  protocol: ['src/dialects/openai-chat/openai-chat-reader.ts', 'src/dialects/openai-chat/openai-chat.ts'],
}

/** What a package's `exports` and `bin` name, patterns as every file that they stand for: path in `dist` and source. */
export function entriesOf(folder: string): Record<string, string> {
  const { exports, bin = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const built = [...Object.values(exports).map((conditions) => conditions.default), ...Object.values(bin)]
  const sources = built.flatMap((path) =>
    globSync(path.replace('./dist/', 'src/').replace(/\.js$/, '.ts'), {
      cwd: folder,
      exclude: ['**/*.test.ts'],
    }),
  )
  return Object.fromEntries(
    [...sources, ...(apart[basename(folder)] ?? [])].map((path) => [
      path.replaceAll('\\', '/').slice('src/'.length, -'.ts'.length),
      join(folder, path),
    ]),
  )
}
