import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Plugin } from 'vite'

/** What a page would load, minified and compressed by gzip. */
export interface BundleSize {
  readonly name: string
  /** Bytes that are loaded at once. */
  readonly first: number
  /** What the bundler keeps apart, to be loaded when it is needed. */
  readonly later: number
}

interface Bundle {
  readonly name: string
  readonly code: string
  /** Most bytes that may be loaded at once. */
  readonly limit?: number
}

const chatOnly = `
  import { configure, createCore } from 'sluice/core'
  import { openai } from 'sluice/providers/openai'
  export const client = createCore({ providers: [configure(openai, { apiKey: globalThis.key })] })`

/** The limits lie just above what is there: what adds to a bundle has to say so here. */
export const bundles: readonly Bundle[] = [
  { name: '`sluice/core`: one provider, chat and stream', code: chatOnly, limit: 25_000 },
  {
    name: '`sluice/core`, with Anthropic by translation',
    code: `
      import { configure, createCore, openaiChat, translateBetween } from 'sluice/core'
      import { anthropicMessages } from 'sluice/dialects'
      import { anthropic } from 'sluice/providers/anthropic'
      const findPlan = translateBetween(openaiChat, anthropicMessages)
      export const client = createCore({ providers: [configure(anthropic, { apiKey: globalThis.key })], findPlan })`,
    limit: 64_000,
  },
  { name: '`sluice`: everything', code: `export { createSluice } from 'sluice'`, limit: 140_000 },
  {
    name: '`openai`',
    code: `import OpenAI from 'openai'\nexport const client = new OpenAI({ apiKey: globalThis.key })`,
  },
  {
    name: '`ai` and `@ai-sdk/openai-compatible`: `generateText`, `streamText`',
    code: `
      import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
      export { generateText, streamText } from 'ai'
      export const provider = createOpenAICompatible({ name: 'x', baseURL: 'https://x.test', apiKey: globalThis.key })`,
  },
]

/**
 * Bundles by Vite, as an application would.
 * @param project where Sluice is installed from npm; without it, Sluice's sources are bundled.
 */
export async function bundleSize({ name, code }: Bundle, project?: string): Promise<BundleSize> {
  const root = project ?? import.meta.dirname
  const entry = join(root, 'entry.js')
  const plugin: Plugin = {
    name: 'entry',
    resolveId: (id) => (id === entry ? id : null),
    load: (id) => (id === entry ? code : null),
  }
  const built = await build({
    configFile: false,
    root,
    logLevel: 'silent',
    plugins: [plugin],
    resolve: {
      conditions: [...(project === undefined ? ['sluice-source'] : []), 'browser', 'module', 'import', 'default'],
    },
    build: {
      write: false,
      target: 'esnext',
      minify: true,
      modulePreload: false,
      // Applications' entries may be extended: what is loaded later uses them, where `strict` would cut a file out for both.
      rolldownOptions: { input: entry, preserveEntrySignatures: 'allow-extension' },
    },
  })
  if (Array.isArray(built) || !('output' in built)) throw new Error('Vite gave no single bundle')
  const chunks = new Map(built.output.flatMap((chunk) => (chunk.type === 'chunk' ? [[chunk.fileName, chunk]] : [])))
  const first = new Set<string>()
  const follow = (fileName: string): void => {
    if (first.has(fileName)) return
    first.add(fileName)
    chunks.get(fileName)?.imports.forEach(follow)
  }
  for (const { fileName, isEntry } of chunks.values()) if (isEntry) follow(fileName)
  const sum = (wanted: (fileName: string) => boolean): number =>
    [...chunks.values()].reduce(
      (bytes, chunk) => bytes + (wanted(chunk.fileName) ? gzipSync(chunk.code, { level: 9 }).length : 0),
      0,
    )
  return { name, first: sum((name) => first.has(name)), later: sum((name) => !first.has(name)) }
}
