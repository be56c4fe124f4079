import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import type { Outcomes, Peer } from './run-scenarios.ts'

export interface Runtime {
  /** Which of the entries in this folder is bundled for it. */
  readonly entry: 'in-shell' | 'in-worker' | 'in-page'
  /** Its program; `undefined` when this machine has none. */
  readonly program: string | undefined
  /** Runs the bundled entry to its end. */
  run(bundle: string, peer: Peer): Promise<Outcomes>
}

const modules = join(import.meta.dirname, 'node_modules')
const { platform, arch } = process
const suffix = platform === 'win32' ? '.exe' : ''
/** Milliseconds; less than the tests wait. */
const longestRun = 80_000

export const runtimes: Readonly<Record<string, Runtime>> = {
  Bun: shell([bunProgram()], ['run']),
  Deno: shell(denoPrograms(), ['run', '--quiet', '--no-config', '--no-lock', '--allow-net=127.0.0.1', '--allow-env']),
  workerd: {
    entry: 'in-worker',
    program: [join(modules, 'workerd/package.json')].find(existsSync),
    async run(bundle, peer) {
      const { Miniflare } = (await import(join(modules, 'miniflare/dist/src/index.js'))) as MiniflareModule
      const miniflare = new Miniflare({
        modules: [{ type: 'ESModule', path: 'worker.mjs', contents: await readFile(bundle, 'utf8') }],
        compatibilityDate: '2026-01-01',
        host: '127.0.0.1',
      })
      try {
        const worker = await miniflare.ready
        const answer = await fetch(worker, { method: 'POST', body: JSON.stringify(peer) })
        return (await answer.json()) as Outcomes
      } finally {
        await miniflare.dispose()
      }
    },
  },
  Chromium: {
    entry: 'in-page',
    program: chromiumProgram(),
    async run(bundle, peer) {
      const { chromium } = (await import(join(modules, 'playwright-core/index.mjs'))) as PlaywrightModule
      await using page = await servePage(await readFile(bundle))
      const browser = await chromium.launch({ executablePath: chromiumProgram() ?? '', args: chromiumArguments })
      try {
        const tab = await browser.newPage()
        await tab.goto(page.url)
        return (await tab.evaluate(`runScenarios(${JSON.stringify(peer)})`)) as Outcomes
      } finally {
        await browser.close()
      }
    },
  },
}

/** What is used of them; they are installed beside these tests, not for the type-checker. */
interface MiniflareModule {
  readonly Miniflare: new (options: object) => { readonly ready: Promise<URL>; dispose(): Promise<void> }
}
interface PlaywrightModule {
  readonly chromium: {
    launch(options: { executablePath: string; args: readonly string[] }): Promise<{
      newPage(): Promise<{ goto(url: string): Promise<unknown>; evaluate(script: string): Promise<unknown> }>
      close(): Promise<void>
    }>
  }
}

function shell(programs: readonly string[], args: readonly string[]): Runtime {
  const program = programs.find(existsSync)
  return {
    entry: 'in-shell',
    program,
    async run(bundle, peer) {
      const { stdout } = await promisify(execFile)(program ?? '', [...args, bundle, JSON.stringify(peer)], {
        timeout: longestRun,
        env: { PATH: process.env['PATH'], HOME: join(bundle, '..'), DENO_NO_UPDATE_CHECK: '1' },
      })
      return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Outcomes
    },
  }
}

/** The binaries themselves: the packages' launchers need an install script, which is not run. */
function bunProgram(): string {
  const system = platform === 'win32' ? 'windows' : platform
  return join(modules, `@oven/bun-${system}-${arch === 'arm64' ? 'aarch64' : arch}/bin/bun${suffix}`)
}

function denoPrograms(): string[] {
  const libc = platform === 'linux' ? '-glibc' : ''
  return [join(modules, `@deno/${platform}-${arch}${libc}/deno${suffix}`)]
}

function chromiumProgram(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome']
  const places = (process.env['PATH'] ?? '').split(delimiter)
  return places.flatMap((place) => names.map((name) => join(place, name))).find(existsSync)
}

const chromiumArguments = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A page of an origin of its own, so that every call is one to another origin. */
async function servePage(script: Uint8Array): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8')
    response.end(
      isScript ? script : '<!doctype html><title>Scenarios</title><script type="module" src="/page.js"></script>',
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
