import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

type Document = Readonly<Record<string, unknown>> & {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>
}

let gateway: TestGateway
let document: Document
beforeAll(async () => {
  gateway = await startTestGateway()
  document = (await (await fetch(`${gateway.gateway.url}/openapi.json`)).json()) as Document
})
afterAll(() => gateway.close())

test('the OpenAPI document is valid', async () => {
  expect(await new Validator().validate({ ...document })).toEqual({ valid: true })
})

test('every refusal that it names is described', () => {
  const { components } = document as unknown as { readonly components: { readonly responses: object } }
  const named = [...JSON.stringify(document.paths).matchAll(/#\/components\/responses\/(\w+)/g)].map(([, name]) => name)
  expect(new Set(named).size).toBeGreaterThan(3)
  expect(Object.keys(components.responses)).toEqual(expect.arrayContaining([...new Set(named)]))
})

test('the reference shows every operation of the document, and asks nobody for anything', async () => {
  const answer = await fetch(`${gateway.gateway.url}/docs`)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  expect(answer.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'/,
  )
  const page = await answer.text()
  for (const methods of Object.values(document.paths))
    for (const { operationId } of Object.values(methods)) expect(page).toContain(`<details id="${operationId}">`)
  expect(page).not.toMatch(/<script|<link|<img|<iframe|\bsrc=|url\(|@import|https?:/i)
  expect([...page.matchAll(/href="([^"]*)"/g)].every(([, to = '']) => /^(?:#[\w-]+|openapi\.json)$/.test(to))).toBe(
    true,
  )
  expect(page).toContain('<dt>401</dt><dd>No key, or one that is not known, or expired.</dd>')
  expect(page).not.toContain('<dd></dd>')
  // What it says of values comes from the document, and is text.
  expect(page).toContain(
    '<td>&quot;config&quot; | &quot;gateway&quot; | &quot;organisation&quot; | &quot;key&quot;</td>',
  )
})

test('a body is said to be required where the API asks for one, and only there', () => {
  expect(document.paths).toMatchObject({
    '/api/admin/keys': { post: { requestBody: { required: true } } },
    '/api/admin/limits': { post: { requestBody: { required: true } } },
    '/api/admin/budgets/{id}/raise': { post: { requestBody: { required: true } } },
    '/api/admin/keys/{id}/rotate': { post: { requestBody: { required: false } } },
    '/api/admin/cache/purge': { post: { requestBody: { required: false } } },
  })
})
