import fc from 'fast-check'
import { expect, test } from 'vitest'
import { providers as presets } from '../providers.generated.ts'
import { type ConfigReading, readConfig } from './build-config.ts'
import { formatProblem } from './config-problem.ts'
import type { Environment } from './interpolate.ts'
import { schemaPaths } from './schema-walk.ts'
import { type ConfigInput, configSchema } from './schema.ts'

/** Unchecked input, as a file gives it. */
function read(input: unknown, environment: Environment = {}): ConfigReading {
  return readConfig({ presets, input: input as ConfigInput, environment })
}

test.each<[name: string, input: unknown, expected: string]>([
  ['an unknown key', { server: { prot: 1 } }, 'server.prot: unknown key; did you mean port?'],
  [
    'a key in another spelling',
    { providers: { groq: { apiKey: 'k' } } },
    'providers.groq.apiKey: unknown key; did you mean api_key?',
  ],
  [
    'a swapped pair of letters',
    { providers: { groq: { base_ulr: 'k' } } },
    'providers.groq.base_ulr: unknown key; did you mean base_url?',
  ],
  [
    'a key of another gateway',
    { providers: { groq: { api_base: 'k' } } },
    'providers.groq.api_base: unknown key; did you mean base_url?',
  ],
  [
    'a key that is near none',
    { zzz: 1 },
    'zzz: unknown key; known here: server, default_provider, providers, models, routes, routing, health, alerts, tiers, tasks, log_level, responses, batches, ledger, limits, budgets, cache, moderation, prompts, prompts_dir, environment_providers, strict',
  ],
  [
    'a key in the nested form',
    { providers: { a: { type: 'openai_compatible', config: { api_kye: 'x' } } } },
    'providers.a.config.api_kye: unknown key; did you mean api_key?',
  ],
  ['a wrong type', { server: { port: 'x' } }, 'server.port: expected a number, found "x"'],
  [
    'a text that must be quoted',
    { default_provider: 7 },
    'default_provider: expected a text, found 7; put it in quotes',
  ],
  ['a fraction', { server: { port: 1.5 } }, 'server.port: expected a whole number, found 1.5'],
  ['too large', { server: { port: 70_000 } }, 'server.port: expected at most 65535, found 70000'],
  ['too small', { providers: { groq: { timeout: -1 } } }, 'providers.groq.timeout: expected at least 0, found -1'],
  ['an empty text', { server: { host: '' } }, 'server.host: expected a text that is not empty'],
  ['no list', { server: { keys: 'sk-1234567890' } }, 'server.keys: expected a list, found a text'],
  ['no group', { server: [] }, 'server: expected a group of keys, found a list'],
  [
    'no choice',
    { log_level: 'loud' },
    'log_level: expected one of trace, debug, info, warn, error, silent, found "loud"',
  ],
  ['not even a group', ['a'], 'expected a group of keys, found a list'],
  [
    'an id with a slash',
    { providers: { 'a/b': { base_url: 'http://x' } } },
    'providers["a/b"]: a provider id has letters, digits, ".", "_" and "-", at most 64',
  ],
  ['a model without provider', { models: [{ id: 'qwen' }] }, 'models[0].id: expected provider/model; found "qwen"'],
  [
    'a wrong form of several',
    { providers: { groq: { auth: 'basic' } } },
    'providers.groq.auth: expected one of bearer, none or a group of keys, found a text',
  ],
  [
    'a mistake inside one form of several',
    { providers: { groq: { auth: { type: 'header' } } } },
    'providers.groq.auth.name: expected a text, found nothing',
  ],
  [
    'a path without slash',
    { providers: { groq: { speaks: [{ dialect: 'openai-chat', path: 'x' }] } } },
    'providers.groq.speaks[0].path: expected a path that starts with / or ../; found "x"',
  ],
  [
    'a provider nobody knows',
    { providers: { grok: {} } },
    'providers.grok: no provider of this name is known; did you mean groq? For one of your own give base_url',
  ],
  [
    'a type nobody knows',
    { providers: { x: { type: 'opnai' } } },
    'providers.x.type: unknown type; did you mean openai? `sluice providers --all` lists the types',
  ],
  [
    'no URL',
    { providers: { x: { base_url: 'localhost:1' } } },
    'providers.x.base_url: expected a URL that starts with http:// or https://',
  ],
  [
    'a URL of another scheme',
    { providers: { x: { base_url: 'file:///etc/passwd' } } },
    'providers.x.base_url: expected a URL that starts with http:// or https://',
  ],
  [
    'credentials in a URL',
    { providers: { x: { base_url: 'http://user:pw@x/v1' } } },
    'providers.x.base_url: a base URL holds no user name or password; use api_key or headers',
  ],
  [
    'an endpoint for a base URL',
    { providers: { x: { base_url: 'http://x/v1/chat/completions' } } },
    'providers.x.base_url: a base URL ends before /chat/completions; leave that part out',
  ],
  [
    'a key that is missing',
    { providers: { groq: {} } },
    'providers.groq.api_key: Groq needs a key: give api_key, or set GROQ_API_KEY',
  ],
  [
    'a key that is empty',
    { providers: { gemini: { api_key: '' } } },
    'providers.gemini.api_key: Google Gemini needs a key: give api_key, or set GEMINI_API_KEY (or GOOGLE_API_KEY, GOOGLE_GENERATIVE_AI_API_KEY)',
  ],
  [
    'a key with a line break',
    { providers: { groq: { api_key: 'ab\ncd' } } },
    'providers.groq.api_key: the key has a space, a line break or a character that no key has',
  ],
  [
    'a header that is none',
    { providers: { groq: { api_key: 'k', headers: { 'a b': 'c' } } } },
    'providers.groq.headers: "a b" is no header name',
  ],
  [
    'a header that injects another',
    { providers: { groq: { api_key: 'k', headers: { a: 'b\r\nc: d' } } } },
    'providers.groq.headers: the value of a has characters that no header may have',
  ],
  [
    'a header of the connection',
    { providers: { groq: { api_key: 'k', headers: { 'Content-Length': 1 } } } },
    'providers.groq.headers: content-length is set by the connection itself; leave it out',
  ],
  [
    'a setting that leaves its place',
    { providers: { 'cloudflare-workers-ai': { api_key: 'k', settings: { account: '../x' } } } },
    'providers.cloudflare-workers-ai.settings: Cloudflare Workers AI: the value for {account} of the base URL may have letters, digits, ".", "_" and "-" only.',
  ],
  [
    'a default nobody configured',
    { default_provider: 'groq' },
    'default_provider: names groq, which is not configured; set GROQ_API_KEY, or add it to providers',
  ],
  [
    'a default that is mistyped',
    { default_provider: 'labb', providers: { lab: { base_url: 'http://x/v1' } } },
    'default_provider: names labb, which is no configured provider; did you mean lab?',
  ],
  [
    'one provider twice',
    { providers: { lm_studio: {}, 'lm-studio': {} } },
    'providers.lm-studio: lm-studio is written twice; give one of them another name',
  ],
  [
    'one name for two models',
    {
      providers: { a: { base_url: 'http://x' } },
      models: [
        { id: 'a/1', aliases: ['m'] },
        { id: 'a/2', aliases: ['m'] },
      ],
    },
    'models[1].aliases[0]: m already names models[0].aliases[0]; a name means one model',
  ],
  [
    'an unset variable',
    { providers: { groq: { api_key: '${NOPE}' } } },
    'providers.groq.api_key: environment variable NOPE is not set; set it, or give a default: ${NOPE:-default}',
  ],
])('mistake: %s', (_, input, expected) => {
  expect(read(input).problems.map(formatProblem)).toEqual([expected])
})

test.each([
  { server: { oidc: { issuer: 'https://id.example.com', client_id: 'sluice', client_secret: 20_261_121_000 } } },
  { providers: { 'azure-openai': { credentials: { client_secret: 20_261_121_000 } } } },
])('a secret that was written without quotes is not shown: %j', (input) => {
  const [problem] = read(input).problems.map(formatProblem)
  expect(problem).toContain('client_secret: expected a text')
  expect(problem).not.toContain('20261121000')
})

test.each([
  ['providers.groq', { providers: { groq: 'gsk_20261121' } }],
  ['providers.groq.config', { providers: { groq: { config: 'gsk_20261121' } } }],
  ['providers', { providers: 'gsk_20261121' }],
])('a key that stands where a provider is to be described is not shown: %s', (path, input) => {
  expect(read(input).problems.map(formatProblem)).toEqual([`${path}: expected a group of keys, found a text`])
})

test.each([
  ['auth', { providers: { groq: { auth: 'gsk_20261121' } } }],
  ['public_url', { server: { public_url: 'https://me:gsk_20261121@host' } }],
  ['public_url', { server: { public_url: 'me:gsk_20261121@host' } }],
  ['issuer', { server: { oidc: { issuer: 'https://gsk_20261121@host', client_id: 'c' } } }],
  ['issuer', { server: { oidc: { issuer: 'https://:gsk_20261121@host', client_id: 'c' } } }],
  ['models_path', { providers: { groq: { api_key: 'k', models_path: 'http://me:pass/gsk_20261121@host' } } }],
])('neither a key nor what stands before the host of a URL is shown: %s, %j', (member, input) => {
  const [problem] = read(input).problems.map(formatProblem)
  expect(problem).toMatch(new RegExp(`${member}: expected .*found a text$`))
})

test.each(schemaPaths(configSchema))('a URL with a password is not shown where it does not belong: %s', (path) => {
  const url = 'https://me:gsk_20261121@host/ ?q'
  for (const value of [url, [url], { of: url }, [{ of: url }]]) {
    const input = path.split('.').reduceRight<unknown>((below, part) => {
      const name = part.replace('<id>', 'groq')
      return name.endsWith('[]') ? { [name.slice(0, -2)]: [below] } : { [name]: below }
    }, value)
    const { problems, warnings } = read(input)
    // What a provider is called is for all to see.
    if (path.endsWith('.name') && value === url) continue
    expect([...problems, ...warnings].map(formatProblem).join('\n')).not.toContain('gsk_20261121')
  }
})

test('no secret is in a problem, a warning, an origin or the printed configuration', () => {
  // Long enough not to be a part of a message by chance.
  const secrets = fc.string({ minLength: 12, maxLength: 40 }).filter((text) => text.trim().length >= 12)
  fc.assert(
    fc.property(secrets, fc.constantFrom('key', 'header', 'caller', 'reference', 'type'), (secret, place) => {
      const inputs: Record<string, unknown> = {
        key: { providers: { groq: { api_key: secret, timeout: 'x' }, mistral: { api_key: [secret] } } },
        header: { providers: { groq: { api_key: 'k', headers: { 'x-a': secret, 'x-b': [secret] } } } },
        caller: { server: { keys: [secret, { secret }] } },
        reference: { server: { port: '${CREDENTIAL}', host: '${CREDENTIAL}' }, log_level: '${CREDENTIAL}' },
        type: { server: { keys: secret }, providers: { groq: { headers: secret } } },
      }
      const environment = {
        CREDENTIAL: secret,
        OPENAI_COMPATIBLE_TIMEOUT: secret,
        OPENAI_API_KEY: secret,
        SLUICE_PORT: secret,
      }
      const { config, problems, warnings, origins } = read(inputs[place], environment)
      const shown =
        [...problems, ...warnings].map(formatProblem).join('\n') +
        [...origins].join('\n') +
        JSON.stringify(config?.providers)
      expect(shown).not.toContain(secret.trim())
    }),
    { numRuns: 300 },
  )
})
