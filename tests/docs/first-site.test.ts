import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator } from '@sluice/simulator'
import { expect, test } from 'vitest'
import { readCodeBlocksOf, root } from './read-code-blocks.ts'
import { runProgram } from '../run-program.ts'
import { startServe } from '../start-serve.ts'

const page = 'docs/first-site.md'
const main = join(root, 'packages/gateway/src/cli/main.ts')

// The page is one story: its blocks are run in its order, and what a command prints is what the next one is given.
test(`${page}: a site spends its dollar, sees it, and is told when it is gone`, { timeout: 120_000 }, async () => {
  const simulator = await startSimulator({ models: ['gpt-6-luna'] })
  // Four tenths of the dollar for each call.
  simulator.always({ reply: { text: 'Mills, mines and locks.', usage: { input: 2_000_000, output: 20_000 } } })
  const folder = mkdtempSync(join(tmpdir(), 'sluice-site-'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const config = { providers: { openai: { base_url: simulator.url, api_key: 'sk-of-the-gateway' } } }
  writeFileSync(join(folder, 'sluice.json'), JSON.stringify(config))
  const environment: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    SLUICE_FIND_LOCAL_SERVERS: 'false',
    SLUICE_MASTER_KEY: '0123456789abcdef0123456789abcdef0123456789abcdef',
  }
  const gateway = await startServe(environment, folder)

  async function run(program: string, words: readonly string[]): Promise<string> {
    return (await runProgram(program, words, { folder, environment })).said
  }

  /** What the page's reader types, with what they would put in its gaps. */
  function shell(code: string): Promise<string> {
    const sluice = `'${process.execPath}' --conditions=sluice-source '${main}'`
    const script = code
      .replaceAll('npm run sluice --', sluice)
      .replaceAll('http://127.0.0.1:8090', gateway.url)
      .replaceAll(/^export (?:SITE|SLUICE_KEY|SLUICE_VIEWER_KEY)=.*$/gm, '')
      .replaceAll('sk-…', 'sk-of-the-shop')
      .replaceAll('node ask.mjs', `'${process.execPath}' ask.mjs`)
      .replaceAll('curl ', 'curl --silent --show-error --fail-with-body ')
    return run('sh', ['-e', '-c', script])
  }

  const found = (said: string, pattern: RegExp): string => {
    const [match] = pattern.exec(said) ?? []
    expect(match, said).toBeDefined()
    return match!
  }

  try {
    const blocks = readCodeBlocksOf(page)
    const commands = blocks.filter(({ language }) => language === 'sh').map(({ code }) => code)
    const [ask, askOn] = blocks.filter(({ language }) => language === 'js').map(({ code }) => code)
    const [masterKey, makeSite, makeKey, call, showUsage, makeViewer, askUsage, showBudgets, ...rest] = commands
    expect(rest).toEqual([])
    const here = (code = ''): string => code.replace('http://127.0.0.1:8090', gateway.url)
    writeFileSync(join(folder, 'ask.mjs'), here(ask))
    writeFileSync(join(folder, 'ask-on.mjs'), here(askOn))

    expect(await shell(masterKey!)).toMatch(/^[0-9a-f]{64}\n$/)
    environment['SITE'] = found(await shell(makeSite!), /\bws_\w+/)
    environment['SLUICE_KEY'] = found(await shell(makeKey!), /sk-sl-[\w-]{43}/)
    expect(await shell(call!)).toBe('Mills, mines and locks.\n')
    expect(simulator.requests.at(-1)?.header('authorization')).toBe('Bearer sk-of-the-shop')
    await expect.poll(() => shell(showUsage!)).toContain('gpt-6-luna')
    environment['SLUICE_VIEWER_KEY'] = found(await shell(makeViewer!), /sk-sl-[\w-]{43}/)
    const usage = JSON.parse(await shell(askUsage!)) as { readonly data: readonly object[] }
    expect(usage.data).toMatchObject([{ requests: 1 }])
    const refused = await run(process.execPath, ['ask-on.mjs'])
    expect(refused).toMatch(/^402 budget_exceeded\n402 .*budget/)
    const asked = simulator.requests.length
    expect(await run(process.execPath, ['ask-on.mjs'])).toContain('402 budget_exceeded')
    // Nothing was asked of the provider for it.
    expect(simulator.requests).toHaveLength(asked)
    expect(await shell(showBudgets!)).toMatch(/1 total +1\.\d+ +0 /)
  } finally {
    await gateway[Symbol.asyncDispose]()
    await simulator.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
