import { globSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { rolldown } from 'rolldown'
import { entriesOf, packageFolders } from './build/entries.ts'
import { markPure } from './build/mark-pure.ts'
import { writeNotices } from './build/write-notices.ts'
import { runTool } from './checks/run-tool.ts'

/**
 * `npm run build`: what is published, into each package's `dist/`. TypeScript checks and writes the declarations, one
 * for each source; the JavaScript is a few files, for a program that imports a package reads every file of it.
 */
const root = process.argv[2] ?? join(import.meta.dirname, '..')
const sharedByDialects =
  /protocol[\\/]src[\\/](?:(?:bytes|errors|framing|ir|json|multipart|tap|translate)[\\/]|dialects[\\/](?:openai-(?!responses|input-tokens[\\/]openai)|jina-|.*[\\/]peek\.ts$))/
/** What is a file of its own, with what it needs; the first that wants something has it. */
const files = [
  // A row is a few lines: a file for each costs more to find than to read.
  { name: 'providers', test: /engine[\\/]src[\\/]providers[\\/]/ },
  { name: 'prices', test: /engine[\\/]src[\\/](?:models[\\/]model-table|money[\\/]cost-of)\.ts$/ },
  // What is needed at once and by what comes late.
  {
    name: 'shared',
    test: /src[\\/](?:client[\\/](?:chat-object|content[\\/]generate-content)|transport[\\/]collect)\.ts$/,
  },
  // An application that has only the core needs these late, and its bundler can set files apart, not parts of them.
  { name: 'neutral-request', test: /dispatch[\\/]neutral-request\.ts$/ },
  { name: 'openai-chat-reader', test: /openai-chat[\\/]openai-chat-reader\.ts$/ },
  { name: 'decode-chat-request', test: /openai-chat[\\/]decode-request\.ts$/ },
  { name: 'openai-chat', test: /openai-chat[\\/]openai-chat\.ts$/ },
  // What all dialects share and the common ones, then a provider's own: one file, whatever it is asked for.
  { name: 'common', test: sharedByDialects },
  { name: 'openai-responses', test: /dialects[\\/]openai-/ },
  ...['anthropic', 'gemini', 'cohere', 'bedrock', 'ollama', 'mistral'].map((name) => ({
    name,
    test: new RegExp(`dialects[\\\\/]${name}-`),
  })),
]

const types = await runTool({ root }, 'tsc', ['-b', 'tsconfig.build.json', '--pretty', 'false'])
process.stdout.write(types.output)
if (types.status === 0) for (const folder of packageFolders(root)) await bundle(folder)
process.exitCode = types.status

async function bundle(folder: string): Promise<void> {
  const build = await rolldown({
    cwd: folder,
    input: entriesOf(folder),
    // Other packages stay what they are, Sluice's own too: there is one `SluiceError`, whoever imports it. But what we
    // use of zod is a tenth of the hundred files that it would load.
    external: /^(?![./]|[A-Za-z]:[\\/]|zod\/)/,
    platform: 'neutral',
    preserveEntrySignatures: 'exports-only',
    plugins: [markPure],
    checks: { ineffectiveDynamicImport: false },
  })
  const { output } = await build.write({
    dir: join(folder, 'dist'),
    format: 'esm',
    sourcemap: true,
    // They are published beside it.
    sourcemapExcludeSources: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    codeSplitting: { groups: files },
    // Less text, of one byte a character, is decoded and compiled in less time. Functions and classes of modules keep
    // their names, for stacks; those inside of functions do not. Lines stay: Node shows the one where an error was made.
    charset: 'ascii',
    minify: { compress: false, mangle: { toplevel: false }, codegen: { removeWhitespace: false } },
    // They are in the declarations.
    comments: { jsdoc: false },
  })
  writeNotices(folder, output)
  await build.close()
  // What a build before this one wrote.
  const written = new Set(output.map(({ fileName }) => `dist/${fileName}`))
  for (const path of globSync('dist/**/*.{js,js.map}', { cwd: folder }))
    if (!written.has(path.replaceAll('\\', '/'))) rmSync(join(folder, path))
}
