import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { type Simulator, startSimulator } from '@sluice/simulator'
import { pino } from 'pino'
import { buildConfig, type Environment, providers as presets } from 'sluice'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Gateway, startGateway } from '../compose.ts'
import { run } from './run.ts'
import type { Outcome } from './run-for-tests.ts'

let simulator: Simulator
let directory = ''

beforeAll(async () => {
  simulator = await startSimulator({ apiKey: 'upstream-key', models: ['small', 'large'] })
  directory = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
  writeFileSync(
    join(directory, 'sluice.yaml'),
    `providers:
  lab: { name: Lab, base_url: ${simulator.url}, api_key: \${LAB_KEY:-upstream-key}, default_model: small, max_retries: 0 }
models:
  - { id: lab/large, aliases: [house], context_window: 128000, capabilities: [chat, tools] }
routes:
  smart: { targets: [{ model: lab/small, when: stream }, lab/large] }
`,
  )
})
beforeEach(() => simulator.reset())
afterAll(async () => {
  rmSync(directory, { recursive: true })
  await simulator.close()
})

describe('usage', () => {
  test('without words it shows the commands', async () => {
    const { code, stdout } = await runCommand([])
    expect(code).toBe(0)
    for (const command of ['serve', 'chat', 'models', 'providers', 'route', 'explain', 'config'])
      expect(stdout).toContain(`\n  ${command} `)
  })

  test('--version', async () => {
    expect(await runCommand(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    })
  })

  test.each([
    ['a mistyped command', ['srve'], 'Did you mean serve?'],
    ['a mistyped option', ['serve', '--prt', '1'], 'Did you mean --port?'],
    ['a port that is none', ['serve', '--port', '99999'], 'Give a number from 0 to 65535.'],
    ['a level that is none', ['serve', '--log-level', 'loud'], 'Allowed choices are trace'],
    ['a name that is missing', ['models', 'explain'], "missing required argument 'name'"],
    ['a file that is missing', ['models', '--config', 'none.yaml'], 'flag --config: there is no file'],
    ['a URL that is none', ['models', '--url', 'here'], 'one looks like http://127.0.0.1:8090'],
    ['a listener that everybody reaches', ['serve', '--host', '0.0.0.0'], 'say --insecure'],
  ])('%s ends with 2 and the way out', async (_, words, expected) => {
    const { code, stdout, stderr } = await runCommand(words)
    expect(stderr).toContain(expected)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

test('a password in a URL that is none of a gateway is not shown', async () => {
  const { code, stderr } = await runCommand(['models', '--url', 'postgres://me:gsk_20261121@host'])
  expect(code).toBe(2)
  expect(stderr).toContain('one looks like http://127.0.0.1:8090')
  expect(stderr).not.toContain('gsk_20261121')
})

describe('config', () => {
  test('check: all is well', async () => {
    expect(await runCommand(['config', 'check'], { directory })).toEqual({
      code: 0,
      stdout: 'sluice.yaml: ok; providers: lab\n',
      stderr: '',
    })
    expect((await runCommand(['config', 'check'])).stdout).toBe(
      'No config file: ok; no provider is configured, so the demo answers\n',
    )
  })

  test('check: what is said of the demo is not warned of, for it answers', async () => {
    const own = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
    writeFileSync(join(own, 'sluice.yaml'), 'models: [{ id: demo/demo, price: { input: 1, output: 2 } }]\n')
    const { stdout } = await runCommand(['config', 'check'], { directory: own })
    expect(stdout).toBe('sluice.yaml: ok; no provider is configured, so the demo answers\n')
  })

  test('check: every mistake, for people and for programs', async () => {
    const broken = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
    writeFileSync(join(broken, 'sluice.yaml'), 'server: { prot: 1 }\nproviders:\n  groq: { timeout: x }\n')
    const text = await runCommand(['config', 'check'], { directory: broken })
    expect(text).toEqual({
      code: 2,
      stdout:
        'sluice.yaml:1:11 server.prot: unknown key; did you mean port?\nsluice.yaml:3:20 providers.groq.timeout: expected a number, found "x"\n',
      stderr: '',
    })
    const { code, stdout } = await runCommand(['config', 'check', '--json'], { directory: broken })
    rmSync(broken, { recursive: true })
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      file: 'sluice.yaml',
      problems: [{ where: 'sluice.yaml:1:11', path: ['server', 'prot'] }, { where: 'sluice.yaml:3:20' }],
    })
  })

  test('explain: where each setting came from, without a secret', async () => {
    const environment = { LAB_KEY: 'sk-very-secret', SLUICE_PORT: '1234' }
    const { code, stdout } = await runCommand(['config', 'explain'], { directory, environment })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^server\.port +1234 +environment variable SLUICE_PORT$/m)
    expect(stdout).toMatch(/^providers\.lab\.api_key +\[secret\] +sluice\.yaml:2 \(environment variable LAB_KEY\)$/m)
    expect(stdout).not.toContain('sk-very-secret')
    const part = await runCommand(['config', 'explain', 'providers.lab', '--json'], { directory, environment })
    const { settings } = JSON.parse(part.stdout) as { settings: { path: string }[] }
    expect(settings.every(({ path }) => path.startsWith('providers.lab.'))).toBe(true)
    expect(settings).toContainEqual({ path: 'providers.lab.name', value: 'Lab', origin: 'sluice.yaml:2' })
  })
})

describe('models', () => {
  test('lists what the providers list', async () => {
    const { code, stdout } = await runCommand(['models'], { directory })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^lab\/large +house +128,000 +chat, tools +\w+$/m)
    expect(stdout).toMatch(/^lab\/small +– +/m)
    const json = JSON.parse((await runCommand(['models', '--json'], { directory })).stdout) as unknown
    expect(json).toContainEqual(
      expect.objectContaining({ id: 'lab/large', aliases: ['house'], context_window: 128_000 }),
    )
  })

  test('explains a name step by step', async () => {
    const { code, stdout } = await runCommand(['models', 'explain', 'house'], { directory })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^✓ {2}config +/m)
    expect(stdout).toContain('house → provider lab, model large\n')
    const json = JSON.parse(
      (await runCommand(['models', 'explain', 'small', '--json'], { directory })).stdout,
    ) as unknown
    expect(json).toMatchObject({
      name: 'small',
      target: { provider: 'lab', model: 'small' },
      steps: expect.anything() as unknown,
    })
  })

  test('a name that nothing serves ends with 1 and names near ones', async () => {
    const { code, stderr } = await runCommand(['models', 'explain', 'smal'], { directory })
    expect(code).toBe(1)
    expect(stderr).toContain('Did you mean')
    const json = await runCommand(['models', 'explain', 'smal', '--json'], { directory })
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'model_not_found' } })
  })
})

describe('providers', () => {
  test('shows the health of each, with the reason', async () => {
    const failing = await startSimulator({ always: { on: 'any', fault: { kind: 'status', status: 500 } } })
    const gone = await startSimulator()
    await gone.close()
    const mixed = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
    writeFileSync(
      join(mixed, 'sluice.json'),
      JSON.stringify({
        default_provider: 'well',
        providers: {
          well: { base_url: simulator.url, api_key: 'upstream-key' },
          refused: { base_url: simulator.url, api_key: 'wrong-key' },
          failing: { base_url: failing.url },
          gone: { base_url: gone.url },
        },
      }),
    )
    const { code, stdout } = await runCommand(['providers'], { directory: mixed })
    const json = await runCommand(['providers', '--json'], { directory: mixed })
    rmSync(mixed, { recursive: true })
    await failing.close()
    expect(code).toBe(0)
    expect(stdout).toMatch(/^well \(default\) .* healthy$/m)
    expect(stdout).toMatch(/^refused .* unauthorized +\S/m)
    expect(stdout).toMatch(/^failing .* degraded +\S/m)
    expect(stdout).toMatch(/^gone .* unreachable +\S/m)
    expect(stdout + json.stdout).not.toContain('-key')
    expect(JSON.parse(json.stdout)).toContainEqual(expect.objectContaining({ id: 'well', default: true, key: 'set' }))
  })

  test('--all lists what could be configured', async () => {
    const { stdout } = await runCommand(['providers', '--all'])
    expect(stdout).toMatch(/^groq +Groq +GROQ_API_KEY +https:\/\/api\.groq\.com\/openai\/v1$/m)
  })
})

describe('chat', () => {
  test('streams an answer', async () => {
    simulator.next({ reply: { text: 'The sky is blue.' } })
    const outcome = await runCommand(['chat', 'Why', 'blue?', '--model', 'house', '--system', 'Be short.'], {
      directory,
    })
    expect(outcome).toEqual({ code: 0, stdout: 'The sky is blue.\n', stderr: '' })
    expect(simulator.requests.find(({ method }) => method === 'POST')?.json()).toMatchObject({
      model: 'large',
      stream: true,
      messages: [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: 'Why blue?' },
      ],
    })
  })

  test.each<[name: string, environment: (url: string) => Environment, headers: Readonly<Record<string, string>>]>([
    [
      'OPENAI_COMPATIBLE_*',
      (url) => ({
        OPENAI_COMPATIBLE_BASE_URL: url,
        OPENAI_COMPATIBLE_API_KEY: 'upstream-key',
        OPENAI_COMPATIBLE_DEFAULT_MODEL: 'large',
        OPENAI_COMPATIBLE_CUSTOM_HEADERS: '{"X-Team":"search"}',
      }),
      { 'x-team': 'search' },
    ],
    [
      'OPENROUTER_*',
      (url) => ({
        OPENROUTER_BASE_URL: url,
        OPENROUTER_API_KEY: 'upstream-key',
        OPENROUTER_DEFAULT_MODEL: 'large',
        OPENROUTER_HTTP_REFERER: 'https://site.test',
        OPENROUTER_APP_NAME: 'Site',
      }),
      { 'http-referer': 'https://site.test', 'x-title': 'Site' },
    ],
    [
      'both, with PREFERRED_PROVIDER=openrouter among others',
      (url) => ({
        PREFERRED_PROVIDER: 'openrouter',
        OPENAI_COMPATIBLE_API_KEY: 'upstream-key',
        OPENROUTER_BASE_URL: url,
        OPENROUTER_API_KEY: 'old-key',
        OPENROUTER_DEFAULT_MODEL: 'large',
        OPENROUTER_APP_NAME: 'Site',
        GROQ_API_KEY: 'k',
        OPENAI_API_KEY: 'k',
      }),
      { 'x-title': 'Site' },
    ],
  ])('by the environment alone: %s', async (_, environment, headers) => {
    simulator.next({ reply: { text: 'Here.' } })
    const outcome = await runCommand(['chat', 'hi'], { environment: environment(simulator.url) })
    expect(outcome).toEqual({ code: 0, stdout: 'Here.\n', stderr: '' })
    const request = simulator.requests.find(({ method }) => method === 'POST')
    expect(request?.json()).toMatchObject({ model: 'large' })
    const sent = Object.keys(headers).map((name) => [name, request?.header(name)])
    expect(Object.fromEntries(sent)).toEqual(headers)
    expect(request?.header('authorization')).toBe('Bearer upstream-key')
  })

  test('says what is piped in, and prints the whole answer as JSON', async () => {
    simulator.next({ reply: { text: 'ok' } })
    const { code, stdout } = await runCommand(['chat', '--json'], { directory, stdin: 'from a pipe\n' })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ object: 'chat.completion', choices: [{ message: { content: 'ok' } }] })
    expect(simulator.requests.find(({ method }) => method === 'POST')?.json()).toMatchObject({
      model: 'small',
      messages: [{ content: 'from a pipe' }],
    })
  })

  test('a conversation remembers what was said, and outlives a failed answer', async () => {
    simulator.next(
      { reply: { text: 'First.' } },
      { fault: { kind: 'status', status: 400 } },
      { reply: { text: 'Third.' } },
    )
    const { code, stdout, stderr } = await runCommand(['chat'], { directory, typed: ['one', 'two', '', 'three'] })
    expect(code).toBe(0)
    expect(stdout).toContain('First.\n')
    expect(stdout).toContain('Third.\n')
    expect(stderr).not.toBe('')
    const last = simulator.requests.findLast(({ method }) => method === 'POST')?.json() as {
      messages: { content: string }[]
    }
    expect(last.messages.map(({ content }) => content)).toEqual(['one', 'First.', 'three'])
  })

  test.each([
    ['nothing to say', [], {}, 'There is nothing to say'],
    ['a model that nobody serves', ['hi', '-m', 'nothing-like-it'], {}, 'nothing-like-it'],
    ['a key that the provider refuses', ['hi'], { LAB_KEY: 'wrong' }, 'key'],
    ['a gateway that is not there', ['hi', '--url', 'http://127.0.0.1:1'], {}, 'Start one with `sluice serve`'],
  ])('%s ends with 1 and one line', async (_, words, environment, expected) => {
    const { code, stdout, stderr } = await runCommand(['chat', ...words], { directory, environment })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(expected)
    expect(stderr).toMatch(/^[^\n]+\n$/)
  })

  test('a stream that breaks off is a failure, after what came', async () => {
    simulator.next({
      reply: { text: 'Half of an answer that is long enough.' },
      fault: { kind: 'cut', at: { event: 4 } },
    })
    const { code, stdout, stderr } = await runCommand(['chat', 'hi'], { directory })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^Half.*\n$/)
    expect(stdout).not.toContain('enough')
    expect(stderr).not.toBe('')
  })
})

describe('against a running gateway', () => {
  let gateway: Gateway
  beforeAll(async () => {
    const input = {
      server: { port: 0, keys: ['caller'] },
      providers: { lab: { base_url: simulator.url, api_key: 'upstream-key', default_model: 'small' } },
    }
    gateway = await startGateway(buildConfig({ presets, input }), { logger: pino({ level: 'silent' }) })
  })
  afterAll(() => gateway.close())

  test('by --url and --key, or by SLUICE_URL and SLUICE_KEY', async () => {
    simulator.next({ reply: { text: 'One.' } }, { reply: { text: 'Two.' } })
    expect(await runCommand(['chat', 'hi', '--url', `${gateway.url}/v1/`, '--key', 'caller'])).toMatchObject({
      code: 0,
      stdout: 'One.\n',
    })
    const environment = { SLUICE_URL: gateway.url, SLUICE_KEY: 'caller' }
    expect(await runCommand(['chat', 'hi'], { environment })).toMatchObject({ code: 0, stdout: 'Two.\n' })
    expect((await runCommand(['models'], { environment })).stdout).toContain('lab/small')
    expect((await runCommand(['providers'], { environment })).stdout).toMatch(/^lab \(default\) .*healthy$/m)
  })

  test('with a wrong key it says so', async () => {
    const { code, stderr } = await runCommand(['models', '--url', gateway.url, '--key', 'wrong', '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'invalid_api_key' } })
  })
})

describe('routes', () => {
  test('are listed among the models, with what all their targets have', async () => {
    const { stdout } = await runCommand(['models'], { directory })
    expect(stdout).toMatch(/\nsmart +– +128,000 +.* +route to lab\/small, lab\/large\n/)
  })

  test('route explain: where a request would go, and why not elsewhere', async () => {
    const stdout =
      'Route smart\n  ✗  lab/small  filtered  not when stream\n  ✓  lab/large  picked\nsmart → lab/large, relayed as it is\n'
    expect(await runCommand(['route', 'explain', 'smart'], { directory })).toMatchObject({ code: 0, stdout })
    const { stderr } = await runCommand(['models', 'explain', 'smart'], { directory })
    expect(stderr).toMatch(/^"smart" is a route: .*`sluice route explain smart`/)
    const words = ['smart', '--param', 'stream=true', '--header', 'x-sluice-route: lab/small', '--json']
    const json = await runCommand(['route', 'explain', ...words], { directory })
    expect(JSON.parse(json.stdout)).toMatchObject({ route: null, target: { id: 'lab/small' } })
  })
})

interface CommandOptions {
  readonly environment?: Environment
  /** Default: one without a config file. */
  readonly directory?: string
  /** What is piped in. Default: nothing. */
  readonly stdin?: string
  /** Lines typed at a terminal, each when the prompt is there. */
  readonly typed?: readonly string[]
}

/** Runs a command line in this process, as in a terminal of its own */
async function runCommand(words: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  const { environment = {}, directory = import.meta.dirname, typed } = options
  const [stdout, stderr] = [collector(), collector()]
  const stdin: PassThrough & { isTTY?: boolean } = new PassThrough()
  if (typed === undefined) stdin.end(options.stdin ?? '')
  else {
    stdin.isTTY = true
    const waiting = [...typed]
    stdout.stream.on('data', (chunk: Buffer) => {
      if (!chunk.toString().endsWith('> ')) return
      const line = waiting.shift()
      if (line === undefined) stdin.end()
      else stdin.write(`${line}\n`)
    })
  }
  const code = await run(words, { stdout: stdout.stream, stderr: stderr.stream, stdin, environment, directory })
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

function collector(): { stream: PassThrough; text: () => string } {
  const stream = new PassThrough()
  let text = ''
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return { stream, text: () => text }
}
