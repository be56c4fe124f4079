import { expect, test } from 'vitest'
import { configSchema } from './schema.ts'
import { schemaAt, schemaKeys } from './schema-walk.ts'

test('looks at one schema, however often it is asked: each mistake in a configuration asks', () => {
  const server = schemaAt(configSchema, ['server'])
  expect(schemaKeys(server)).toContain('port')
  expect(schemaAt(configSchema, ['server'])).toBe(server)
})
