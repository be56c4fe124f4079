import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { startTestGateway } from '../start-test-gateway.ts'

test('the OpenAPI document is valid', async () => {
  await using gateway = await startTestGateway()
  const document = (await (await fetch(`${gateway.gateway.url}/openapi.json`)).json()) as Record<string, unknown>
  expect(await new Validator().validate(document)).toEqual({ valid: true })
})
