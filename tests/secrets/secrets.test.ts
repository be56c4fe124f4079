import { expect, test } from 'vitest'
import { describeOnPostgres, describeOnRedis } from '../servers/describe-on.ts'
import { leaksIn, runWithSecrets, type SecretsReport } from './run-with-secrets.ts'
import { shapesOf } from './shapes-of.ts'

// Its figures: npm run prove:secrets

test('a secret is found however it is written, wherever it begins', () => {
  const secret = 'k+/&"Zq9<éä-0123456789abcdef'
  const written = [
    (text: string) => text,
    (text: string) => JSON.stringify(JSON.stringify({ text })),
    (text: string) => encodeURIComponent(text),
    (text: string) => new URLSearchParams({ text }).toString(),
    (text: string) => Buffer.from(text).toString('hex'),
    ...['', 'a', 'ab', 'abc'].flatMap((before) => [
      (text: string) => Buffer.from(`${before}${text} and more`).toString('base64'),
      (text: string) => Buffer.from(`${before}${text}`).toString('base64url'),
    ]),
  ]
  for (const write of written)
    expect(shapesOf(secret).some((shape) => `before ${write(secret)} after`.includes(shape))).toBe(true)
  expect(shapesOf(secret).some((shape) => JSON.stringify(written.map(String)).includes(shape))).toBe(false)
})

/** Whether the run was one that could have found something. */
function checkRun(report: SecretsReport): void {
  const { places, secrets, sent, answered, refused, alerts } = report
  const keys = ['key of a provider', 'header for a provider', 'key of a site at its provider']
  for (const name of keys)
    expect([name, sent.includes(JSON.stringify(secrets.get(name)).slice(1, -1))]).toEqual([name, true])
  expect(Math.min(answered, refused)).toBeGreaterThan(30)
  expect(alerts).toBeGreaterThan(0)
  expect(secrets.get('session')?.length).toBeGreaterThan(30)
  expect(places.map(({ name }) => name)).toContain('answer to a session of /keys (200)')
  const sizeOf = (start: string): number =>
    places.filter(({ name }) => name.startsWith(start)).reduce((sum, { text }) => sum + text.length, 0)
  for (const place of [
    'log',
    'file data',
    'answer of GET /api/admin/audit',
    'answer of GET /metrics',
    'body of an alert',
  ])
    expect([place, sizeOf(place) > 200]).toEqual([place, true])
  expect(places.some(({ name }) => /^file .*\.jsonl$/.test(name))).toBe(true)
}

test('no secret leaves the gateway but to whom it is for', { timeout: 180_000 }, async () => {
  const report = await runWithSecrets('embedded')
  expect(leaksIn(report)).toEqual([])
  checkRun(report)
})

describeOnPostgres('with PostgreSQL', () => {
  describeOnRedis('and Redis, which are lost in the end', () => {
    test('no secret leaves the gateway but to whom it is for', { timeout: 180_000 }, async () => {
      const report = await runWithSecrets('servers')
      expect(leaksIn(report)).toEqual([])
      checkRun(report)
    })
  })
})
