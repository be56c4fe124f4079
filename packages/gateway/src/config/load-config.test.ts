import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatProblem, providers as presets } from 'sluice'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkExposure } from './check-exposure.ts'
import { explainConfig } from './explain-config.ts'
import { loadConfig, type LoadedConfig } from './load-config.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-config-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function load(
  files: Record<string, string>,
  options: Partial<Parameters<typeof loadConfig>[0]> = {},
): Promise<LoadedConfig> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  return loadConfig({ presets, environment: {}, directory, ...options })
}

async function problemsOf(text: string, name = 'sluice.yaml'): Promise<string[]> {
  return (await load({ [name]: text })).problems.map(formatProblem)
}

const port = (value: number): string => `server: { port: ${value} }\n`

test('finds the file: the flag, the variable, then the usual names', async () => {
  const files = {
    'sluice.json': '{"server":{"port":1}}',
    'sluice.yml': port(2),
    'sluice.yaml': port(3),
    'a.yaml': port(4),
    'b.yaml': port(5),
  }
  const environment = { SLUICE_CONFIG: 'a.yaml' }
  const portOf = async (options: Partial<Parameters<typeof loadConfig>[0]>): Promise<unknown> =>
    (await load(files, options)).config?.server.port
  expect(await portOf({ environment, file: 'b.yaml' })).toBe(5)
  expect(await portOf({ environment })).toBe(4)
  expect(await portOf({})).toBe(3)
  rmSync(join(directory, 'sluice.yaml'))
  expect((await loadConfig({ presets, environment: {}, directory })).file).toBe('sluice.yml')
  rmSync(join(directory, 'sluice.yml'))
  expect((await loadConfig({ presets, environment: {}, directory })).file).toBe('sluice.json')
})

test('a named file that is not there is a mistake; no file at all is none', async () => {
  const missing = await load({}, { file: 'no.yaml' })
  expect(missing.problems.map(formatProblem)).toEqual([`flag --config: there is no file ${join(directory, 'no.yaml')}`])
  const variable = await load({}, { environment: { SLUICE_CONFIG: '/no.yaml' } })
  expect(variable.problems.map(formatProblem)).toEqual([
    'environment variable SLUICE_CONFIG: there is no file /no.yaml',
  ])
  expect((await load({})).config?.server.port).toBe(8090)
})

test('every mistake with its line and column', async () => {
  const problems = await problemsOf(`server: { prot: 1, port: \${NOPE} }
default_provider: grok
providers:
  lab:
    type: openai_compatible
    base_ulr: http://127.0.0.1:8000/v1
    timeout: soon
  groq:
models:
  - { id: lab/qwen, aliases: qwen }
`)
  expect(problems).toEqual([
    'sluice.yaml:1:11 server.prot: unknown key; did you mean port?',
    'sluice.yaml:1:26 server.port: environment variable NOPE is not set; set it, or give a default: ${NOPE:-default}',
    'sluice.yaml:6:5 providers.lab.base_ulr: unknown key; did you mean base_url?',
    'sluice.yaml:7:14 providers.lab.timeout: expected a number, found "soon"',
    'sluice.yaml:10:30 models[0].aliases: expected a list, found "qwen"',
  ])
})

test('mistakes that are found after the types are right have their places too', async () => {
  const problems = await problemsOf(`default_provider: labb
providers:
  lab: { base_url: http://x/v1 }
  groq: {}
  mistral:
    api_key: 'a b'
`)
  expect(problems).toEqual([
    'sluice.yaml:1:19 default_provider: names labb, which is no configured provider; did you mean lab?',
    'sluice.yaml:4:9 providers.groq.api_key: Groq needs a key: give api_key, or set GROQ_API_KEY',
    'sluice.yaml:6:14 providers.mistral.api_key: the key has a space, a line break or a character that no key has',
  ])
})

test.each([
  ['a key twice', 'log_level: info\nlog_level: warn\n', /^sluice\.yaml:2:1: Map keys must be unique/],
  ['what does not end', 'server: { port: 1\n', /^sluice\.yaml:2:1: /],
  ['a tag that makes code', 'server: !!js/function "x"\n', /^sluice\.yaml:1:9: Unresolved tag/],
  ['two documents', 'log_level: info\n---\nlog_level: warn\n', /^sluice\.yaml:2:1: /],
  ['no group of keys', '- a\n', /^sluice\.yaml:1:1: expected a group of keys, found a list$/],
])('broken text: %s', async (_, text, expected) => {
  const problems = await problemsOf(text)
  expect(problems[0]).toMatch(expected)
})

test('a bomb of aliases is refused', async () => {
  const letters = 'abcdefghi'.split('')
  const text = letters.map(
    (letter, index) =>
      `${letter}: &${letter} [${Array.from({ length: 9 }, () => (index === 0 ? 'x' : `*${letters[index - 1]}`)).join(',')}]`,
  )
  expect(await problemsOf(text.join('\n'))).toEqual([
    'sluice.yaml: Excessive alias count indicates a resource exhaustion attack',
  ])
})

test('an alias of itself is refused', async () => {
  expect(await problemsOf('providers: &a { x: *a }\n')).toContainEqual(expect.stringContaining('nested deeper than'))
})

test('anchors and merge keys serve for what providers share', async () => {
  const { config } = await load({
    'sluice.yaml': `providers:
  a: &shared { base_url: http://a/v1, timeout: 7 }
  b: { <<: *shared, base_url: http://b/v1 }
`,
  })
  expect(config?.providers.map(({ baseUrl, timeout }) => [baseUrl, timeout])).toEqual([
    ['http://a/v1', 7000],
    ['http://b/v1', 7000],
  ])
})

test('references stand anywhere, also in the flow form', async () => {
  const { config, problems } = await load(
    {
      'sluice.yaml': `server: { port: \${GATEWAY_PORT:-8123}, keys: [\${CALLER}, "x\${CALLER}"] }
providers: { lab: { base_url: "http://\${LAB:-a,b}/v1", headers: { X-A: \${TEXT:-a: b, [c] #d} } } } # \${COMMENT}
`,
    },
    { environment: { CALLER: 'sk', LAB: 'host' } },
  )
  expect(problems).toEqual([])
  expect(config?.server.port).toBe(8123)
  expect(config?.server.keys.map((key) => key.reveal())).toEqual(['sk', 'xsk'])
  expect(config?.providers[0]).toMatchObject({ baseUrl: 'http://host/v1', headers: { 'x-a': 'a: b, [c] #d' } })
})

test('JSON with tabs reads as well', async () => {
  expect((await load({ 'sluice.json': '{\n\t"server": {\n\t\t"port": 1\n\t}\n}\n' })).config?.server.port).toBe(1)
})

test('explains every setting, and shows no secret', async () => {
  const { config, origins } = await load(
    {
      'sluice.yaml':
        'server:\n  keys: [sk-caller]\nproviders:\n  groq:\n    headers: { X-Key: sk-header }\n    timeout: 5\n',
    },
    { environment: { GROQ_API_KEY: 'sk-groq', LOG_LEVEL: 'warn' }, flags: { port: 0 } },
  )
  if (config === undefined) throw new Error('no config')
  const rows = explainConfig(config, origins)
  expect(Object.fromEntries(rows.map(({ path, value, origin }) => [path, [value, origin]]))).toMatchObject({
    'server.keys': ['[secret]', 'sluice.yaml:2'],
    'server.port': [0, 'flag --port'],
    'server.host': ['127.0.0.1', 'default'],
    log_level: ['warn', 'environment variable LOG_LEVEL'],
    default_provider: ['groq', 'the only provider'],
    'providers.groq.type': ['groq', 'sluice.yaml:4'],
    'providers.groq.api_key': ['[secret]', 'environment variable GROQ_API_KEY'],
    'providers.groq.headers.x-key': ['[secret]', 'sluice.yaml:5'],
    'providers.groq.timeout': [5, 'sluice.yaml:6'],
    'providers.groq.base_url': ['https://api.groq.com/openai/v1', 'preset groq'],
  })
  expect(JSON.stringify(rows)).not.toContain('sk-')
})

test('explains every option of the page that has a path of its own', async () => {
  const { config, origins, problems } = await load(
    {
      'sluice.yaml': `server:
  cors: { origins: [https://app.example.com] }
  oidc: { issuer: https://id.example.com, client_id: sluice }
  public_url: https://gateway.example.com
cache: { semantic: { model: embed } }
moderation: { model: guard, categories: { spam: advertising } }
models: [{ id: groq/large }]
tiers: { fast: small }
tasks: { code: large }
limits: { rules: [{ per: key, requests_per_day: 9 }] }
routing: { breaker: { window: 9 } }
`,
    },
    { environment: { GROQ_API_KEY: 'sk-groq' } },
  )
  expect(problems).toEqual([])
  if (config === undefined) throw new Error('no config')
  const rows = explainConfig(config, origins)
  const paths = rows.map(({ path }) => path)
  const explained = (option: string): boolean =>
    paths.some((path) => path === option || path.startsWith(`${option}.`) || path.startsWith(`${option}[`))
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/configuration.md'), 'utf8')
  const listed = Array.from(page.matchAll(/^\| `([a-z_.]+)` \| ([^|]*) \|/gm), ([, path = '', kind = '']) => ({
    path,
    kind,
  }))
  const options = listed.filter(({ kind }) => !kind.startsWith('group') && !kind.startsWith('list of groups'))
  // These say how the rest is read.
  const read = ['prompts_dir', 'environment_providers']
  const missing = options.filter(({ path }) => !explained(path) && !read.includes(path))
  expect(options.length).toBeGreaterThan(80)
  expect(missing.map(({ path }) => path)).toEqual([])
  expect(Object.fromEntries(rows.map(({ path, origin }) => [path, origin]))).toMatchObject({
    'server.cors.origins': 'sluice.yaml:2',
    'server.cors.max_age': 'default',
    'cache.semantic.model': 'sluice.yaml:5',
    'moderation.categories': 'sluice.yaml:6',
    'tiers.fast': 'sluice.yaml:8',
    'limits.rules[0]': 'sluice.yaml:10',
    'routing.breaker.window': 'sluice.yaml:11',
    'routing.breaker.minimum_calls': 'default',
  })
})

test.each([
  ['host: 127.0.0.1', undefined],
  ['host: ::1', undefined],
  ['host: localhost', undefined],
  ['host: 0.0.0.0, keys: [k]', undefined],
  ['host: 0.0.0.0, insecure: true', undefined],
  ['host: 0.0.0.0', 'sluice.yaml:1 server.host: 0.0.0.0 can be reached from other machines'],
  ['host: "::"', 'sluice.yaml:1 server.host: :: can be reached from other machines'],
  ['host: 192.168.1.5', 'sluice.yaml:1 server.host: 192.168.1.5 can be reached from other machines'],
])('exposure: %s', async (server, expected) => {
  const { config, origins } = await load({ 'sluice.yaml': `server: { ${server} }\n` })
  if (config === undefined) throw new Error('no config')
  const problem = checkExposure(config, origins)
  expect(problem === undefined ? undefined : formatProblem(problem).slice(0, expected?.length)).toBe(expected)
})
