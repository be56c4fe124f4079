interface FileModule {
  readonly promises: { readFile(path: string, encoding: 'utf8'): Promise<string> }
}

/** Reads text files in Node, Deno and Bun, without an import that browsers could not resolve; `undefined` elsewhere. */
export function platformFileReader(): ((path: string) => Promise<string>) | undefined {
  const { process } = globalThis as { readonly process?: { getBuiltinModule?(name: string): FileModule | undefined } }
  const files = process?.getBuiltinModule?.('node:fs')
  return files === undefined ? undefined : (path) => files.promises.readFile(path, 'utf8')
}
