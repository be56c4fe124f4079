import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Behaviour } from '@sluice/simulator'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { ask, type Heard, userMessage, wholeAnswer } from './ask.ts'

// No key looks like another: what a rule knows by its look would hide what it does not.
const secrets = {
  upstream: 'kT9.upstream/secret+1',
  header: 'header-secret-2-AbC',
  bearer: 'bearersecret3XyZ',
  caller: 'caller!secret~4',
  known: 'sk-proj-5aaaaaaaaaaaaaaaaaaaa',
}

let test: TestGateway
const answers: string[] = []
beforeAll(async () => {
  test = await startTestGateway({
    config: {
      server: { keys: [secrets.caller] },
      providers: {
        lab: {
          api_key: secrets.upstream,
          max_retries: 0,
          headers: {
            'X-Org-Token': secrets.header,
            'Proxy-Authorization': `Bearer ${secrets.bearer}`,
            'X-Team': 'search-team',
          },
        },
      },
    },
  })
})
afterAll(() => test.close())
afterEach(() => {
  test.simulator.reset()
  answers.length = 0
})

async function tell(
  body: object | string,
  headers: Readonly<Record<string, string>> = {},
  path?: string,
): Promise<Heard> {
  const heard = await ask(test.gateway.url, {
    ...(path === undefined ? { body } : { method: 'GET', path }),
    headers: {
      ...(path === undefined && { 'content-type': 'application/json' }),
      authorization: `Bearer ${secrets.caller}`,
      ...headers,
    },
  })
  answers.push(JSON.stringify(heard.headers) + heard.body)
  return heard
}

/** The secrets that a caller or an operator could read since the last test, whole or most of them. */
function leaks(): readonly string[] {
  const seen = [...answers, JSON.stringify(test.log), JSON.stringify(test.usage)]
  return Object.entries(secrets).flatMap(([name, secret]) =>
    seen.filter((text) => text.includes(secret.slice(0, -3))).map((text) => `${name} in ${text.slice(0, 500)}`),
  )
}

const all = Object.values(secrets).join(' or ')
const echo = `Incorrect API key provided: ${all}. You can find your API key at the usual place.`
const chat = { model: 'small', messages: userMessage }

describe('a provider that quotes credentials', () => {
  it('has been sent them: this test can see them', async () => {
    await tell(chat)
    const { rawHeaders } = test.simulator.requests.at(-1) ?? { rawHeaders: [] }
    for (const secret of [secrets.upstream, secrets.header, secrets.bearer])
      expect(rawHeaders.join(' ')).toContain(secret)
    expect(rawHeaders.join(' ')).not.toContain(secrets.caller)
    expect(leaks()).toEqual([])
  })

  const shapes = ['nested', 'flat', 'text', 'message', 'detail', 'validation', 'plain'] as const
  it.each([400, 401, 403, 404, 429, 500, 503])('in an error with status %i, of any shape', async (status) => {
    const error = {
      message: echo.replace(secrets.caller, ''),
      type: `type ${secrets.upstream}`,
      code: `code-${secrets.upstream}`,
      param: secrets.upstream,
    }
    for (const shape of shapes) {
      test.simulator.next({
        headers: { 'x-request-id': `id-${secrets.upstream}` },
        fault: { kind: 'status', status, shape, error },
      })
      expect((await tell(chat)).status).toBeGreaterThanOrEqual(400)
    }
    expect(leaks()).toEqual([])
  })

  const message = echo.replace(secrets.caller, '')
  it.each<readonly [string, boolean, Behaviour]>([
    ['in an error inside a 200', false, { fault: { kind: 'error-inside', error: { message } } }],
    ['in the first event of a stream', true, { fault: { kind: 'error-inside', error: { message } } }],
    [
      'in a later event of a stream',
      true,
      { fault: { kind: 'error-inside', at: 2, error: { message } }, timing: { gap: 5 } },
    ],
    ['in a named event', true, { fault: { kind: 'error-inside', event: 'error', body: message } }],
    ['in a page', false, { raw: { contentType: 'text/html', body: `<html>${message}</html>` } }],
    ['in broken JSON', false, { raw: { body: `{"key":"${message}"` } }],
    [
      'in a redirect',
      false,
      { raw: { status: 302, body: '' }, headers: { location: `http://127.0.0.1:1/${encodeURIComponent(message)}` } },
    ],
    ['in a header', false, { headers: { 'x-debug': message, 'openai-organization': message } }],
  ])('%s', async (_name, stream, behaviour) => {
    test.simulator.next(behaviour)
    await tell({ ...chat, stream })
    expect(leaks()).toEqual([])
  })

  const own = `${secrets.upstream}, ${secrets.header} and ${secrets.bearer} are not words.`
  const quoted = JSON.stringify({ ...(JSON.parse(wholeAnswer) as object), debug: own })
  it.each<[string, boolean, Behaviour, string?]>([
    ['in a good answer', false, { raw: { body: quoted } }],
    [
      'in a good stream',
      true,
      {
        raw: {
          body: [`data: {"choices":[{"index":0,"delta":{"content":${JSON.stringify(own)}}}]}\n\n`, 'data: [DONE]\n\n'],
        },
      },
    ],
    ['in an answer to a raw call', false, { raw: { body: quoted } }, '/proxy/lab/chat/completions'],
    [
      'in an answer that is no JSON',
      false,
      { raw: { contentType: 'text/plain', body: own } },
      '/proxy/lab/chat/completions',
    ],
  ])('%s', async (_name, stream, behaviour, path = '/v1/chat/completions') => {
    test.simulator.next(behaviour)
    const heard = await ask(test.gateway.url, {
      path,
      body: { ...chat, stream },
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secrets.caller}` },
    })
    answers.push(heard.body)
    expect(heard.status).toBe(200)
    expect(heard.body).toContain('are not words.')
    expect(heard.body).toContain('*'.repeat(secrets.upstream.length))
    expect(leaks()).toEqual([])
  })

  it('at every place around the end of a long message', async () => {
    for (let at = 1_900; at < 2_010; at += 2) {
      test.simulator.next({
        fault: {
          kind: 'status',
          status: 400,
          error: { message: `${'x'.repeat(at)}${secrets.upstream} and so on${'.'.repeat(100)}` },
        },
      })
      const heard = await tell(chat)
      expect(heard.body).not.toContain(secrets.upstream.slice(0, 5))
    }
    expect(leaks()).toEqual([])
  })

  it('and other words of the config are words', async () => {
    test.simulator.next({
      fault: { kind: 'status', status: 400, error: { message: 'The search-team has no such model as x-team' } },
    })
    expect((await tell(chat)).body).toContain('The search-team has no such model as x-team')
  })
})

describe('a caller’s key', () => {
  it('is not repeated by any refusal', async () => {
    const wrong = 'wrong-caller-key-6'
    for (const headers of [
      { authorization: `Bearer ${wrong}` },
      { authorization: wrong },
      { authorization: `Basic ${wrong}` },
      { authorization: '', 'x-api-key': wrong },
      { authorization: '', 'api-key': wrong },
    ]) {
      const heard = await tell(chat, headers)
      expect(heard.status).toBe(401)
      expect(heard.body).not.toContain(wrong)
    }
    expect(JSON.stringify(test.log)).not.toContain(wrong)
  })

  it('is in no log line of a failed request', async () => {
    await tell('{')
    await tell({ model: 'unheard-of' })
    await tell(chat, {}, '/v1/nowhere')
    test.simulator.next('reset-before-head')
    await tell(chat)
    expect(test.log.length).toBeGreaterThan(4)
    expect(leaks()).toEqual([])
  })

  it('is not passed on to the provider', async () => {
    await tell(chat, { 'x-api-key': secrets.caller, 'api-key': secrets.caller, cookie: `session=${secrets.caller}` })
    expect(test.simulator.requests.at(-1)?.rawHeaders.join(' ')).not.toContain(secrets.caller)
  })
})

describe('what the gateway tells of itself', () => {
  it.each(['/v1/providers', '/v1/models', '/healthz', '/readyz'])('%s has no secret', async (path) => {
    await tell({}, {}, path)
    expect(leaks()).toEqual([])
  })

  it('a model list that cannot be read', async () => {
    await using failing = await startTestGateway({
      config: { providers: { lab: { api_key: secrets.upstream } } },
      simulator: {
        always: {
          on: 'any',
          fault: { kind: 'status', status: 401, error: { message: `Bad key ${secrets.upstream}` } },
        },
      },
    })
    for (const path of ['/v1/providers', '/v1/models']) {
      const heard = await ask(failing.gateway.url, { method: 'GET', path })
      expect(heard.body).not.toContain(secrets.upstream)
    }
    const nameless = await ask(failing.gateway.url, { body: { messages: userMessage } })
    expect(nameless.body).not.toContain(secrets.upstream)
    expect(JSON.stringify(failing.log)).not.toContain(secrets.upstream)
  })

  it('a good answer is passed on as it is', async () => {
    const body = wholeAnswer.replace('Hi', 'Bearer is a word, and so is sk-something-long-enough')
    test.simulator.next({ raw: { body } })
    expect((await ask(test.gateway.url, { body: chat, headers: { 'x-api-key': secrets.caller } })).body).toBe(body)
  })
})
