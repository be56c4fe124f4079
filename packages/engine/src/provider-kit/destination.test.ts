import { describe, expect, it } from 'vitest'
import type { ConfiguredProvider } from '../config/config.ts'
import { version } from '../version.generated.ts'
import { type AuthScheme, bearer, headerAuth, noAuth, queryAuth } from './auth.ts'
import { fillBaseUrl } from './base-url-template.ts'
import { destinationFor, healthDestination, modelsDestination } from './destination.ts'
import { defineProvider, type Provider } from './provider.ts'
import { Secret } from './secret.ts'

const preset = defineProvider({ id: 'acme', name: 'Acme', baseUrl: undefined, speaks: ['openai-chat'] })

function acme(changes: Partial<ConfiguredProvider> = {}): ConfiguredProvider {
  return {
    id: 'acme',
    name: 'Acme',
    preset,
    baseUrl: 'https://api.acme.test/v1',
    apiKey: new Secret('key-1'),
    auth: bearer,
    headers: {},
    timeout: 30_000,
    maxRetries: 3,
    defaultModel: undefined,
    ...changes,
  }
}

function headersOf(provider: ConfiguredProvider): Record<string, string> {
  const { headers } = destinationFor(provider, '/chat/completions')
  const pairs = headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1] ?? '']] : []))
  expect(pairs.length * 2).toBe(headers.length)
  expect(new Set(pairs.map(([name]) => name)).size).toBe(pairs.length)
  return Object.fromEntries(pairs) as Record<string, string>
}

describe('addresses', () => {
  it.each([
    ['https://api.acme.test/v1', '/chat/completions', 'https://api.acme.test', '/v1/chat/completions'],
    ['https://api.acme.test/v1/', '/chat/completions', 'https://api.acme.test', '/v1/chat/completions'],
    ['https://api.acme.test', '/chat/completions', 'https://api.acme.test', '/chat/completions'],
    ['https://api.acme.test/v1', 'chat/completions', 'https://api.acme.test', '/v1/chat/completions'],
    ['http://127.0.0.1:8000/v1', '/models', 'http://127.0.0.1:8000', '/v1/models'],
    ['https://api.acme.test/v1', '../anthropic/v1/messages', 'https://api.acme.test', '/anthropic/v1/messages'],
    ['https://api.acme.test', '../anthropic/v1/messages', 'https://api.acme.test', '/anthropic/v1/messages'],
    ['https://api.acme.test/v1?team=a', '/models?all=1', 'https://api.acme.test', '/v1/models?all=1&team=a'],
  ])('joins %s and %s', (baseUrl, path, origin, whole) => {
    expect(destinationFor(acme({ baseUrl }), path)).toMatchObject({ origin, path: whole })
  })

  it.each(['//evil.test/x', 'https://evil.test/x', '\\\\evil.test', '/\\evil.test', 'data:x', '/models#x'])(
    'never leaves its host for %s',
    (path) => {
      expect(() => destinationFor(acme(), path)).toThrow(expect.objectContaining({ code: 'invalid_config' }))
    },
  )

  it.each(['acme.test/v1', 'ftp://acme.test', 'https://user:pass@acme.test/v1', 'https://acme.test/v1#x', ''])(
    'refuses the base URL %s',
    (baseUrl) => {
      expect(() => destinationFor(acme({ baseUrl }), '/models')).toThrow(
        expect.objectContaining({ code: 'invalid_config' }),
      )
    },
  )

  it('finds lists and health checks where the preset says', () => {
    const at = (changes: Partial<Provider>): ConfiguredProvider => acme({ preset: { ...preset, ...changes } })
    expect(modelsDestination(acme())?.path).toBe('/v1/models')
    expect(healthDestination(acme())?.path).toBe('/v1/models')
    expect(modelsDestination(at({ modelsPath: null }))).toBeUndefined()
    expect(healthDestination(at({ modelsPath: null }))).toBeUndefined()
    expect(modelsDestination(at({ modelsPath: '../models/search' }))?.path).toBe('/models/search')
    expect(healthDestination(at({ modelsPath: null, healthPath: '/key' }))?.path).toBe('/v1/key')
  })
})

describe('headers', () => {
  it('are those of a JSON call whose answer can be read as it passes', () => {
    expect(headersOf(acme())).toEqual({
      'content-type': 'application/json',
      'accept-encoding': 'identity',
      'user-agent': `sluice/${version}`,
      authorization: 'Bearer key-1',
    })
  })

  it.each<[AuthScheme, Record<string, string>]>([
    [bearer, { authorization: 'Bearer key-1' }],
    [headerAuth('api-key'), { 'api-key': 'key-1' }],
    [headerAuth('X-Token', 'Token '), { 'x-token': 'Token key-1' }],
  ])('carry the key as %o', (auth, expected) => {
    expect(headersOf(acme({ auth }))).toMatchObject(expected)
  })

  it('carry no key where there is none, or none is asked for', () => {
    for (const provider of [acme({ auth: noAuth }), acme({ apiKey: undefined })]) {
      expect(Object.keys(headersOf(provider))).toEqual(['content-type', 'accept-encoding', 'user-agent'])
    }
  })

  it('put a query key into the path, escaped', () => {
    const { path, headers } = destinationFor(acme({ auth: queryAuth('key'), apiKey: new Secret('a&b=c') }), '/models')
    expect(path).toBe('/v1/models?key=a%26b%3Dc')
    expect(headers.join()).not.toContain('a&b')
  })

  it("add the user's own and let them replace, whatever their case", () => {
    const headers = headersOf(
      acme({ headers: { 'X-Team': 'search', 'User-Agent': 'mine', Authorization: 'Basic eA==' } }),
    )
    expect(headers).toMatchObject({ 'x-team': 'search', 'user-agent': 'mine', authorization: 'Basic eA==' })
  })

  it.each([
    { 'x-a': 'line\r\nbreak' },
    { 'bad name': 'x' },
    { 'x-a': ' space' },
    { 'accept-encoding': 'gzip' },
    { 'Content-Length': '3' },
  ])('refuse %o', (headers) => {
    expect(() => destinationFor(acme({ headers }), '/models')).toThrow(
      expect.objectContaining({ code: 'invalid_config' }),
    )
  })

  it('refuse a key with a line break without telling it', () => {
    const call = (): unknown => destinationFor(acme({ apiKey: new Secret('sk-very-secret\n') }), '/models')
    expect(call).toThrow(/"acme": its key has characters/)
    expect(call).not.toThrow(/very-secret/)
  })
})

describe('placeholders', () => {
  const cloud = defineProvider({
    ...preset,
    name: 'Cloud',
    baseUrl: 'https://cloud.test/{account}/v1',
    env: { settings: { account: ['CLOUD_ACCOUNT'] } },
  })

  it('are filled from settings', () => {
    expect(fillBaseUrl('https://cloud.test/{account}/v1', { account: 'a-1' }, cloud)).toBe('https://cloud.test/a-1/v1')
  })

  it('name the variable that is missing', () => {
    expect(() => fillBaseUrl('https://cloud.test/{account}/v1', {}, cloud)).toThrow(/CLOUD_ACCOUNT/)
    const provider = acme({ preset: cloud, baseUrl: 'https://cloud.test/{account}/v1' })
    expect(() => destinationFor(provider, '/models')).toThrow(/CLOUD_ACCOUNT/)
  })

  it.each(['a/b', '..', 'x@evil.test', 'x?y', '', 'x#', '%2e%2e', 'a b'])('do not take %j', (account) => {
    expect(() => fillBaseUrl('https://{account}.cloud.test/v1', { account }, cloud)).toThrow(
      expect.objectContaining({ code: 'invalid_config' }),
    )
  })
})
