import { expect, test } from 'vitest'
import { foldEndpoints } from './describe-gateway.ts'

test('what a start says of its endpoints is short: each path once, whatever its versions', () => {
  const endpoints = [
    'POST /v1/chat/completions',
    'POST /v1beta/models/{id}:generateContent',
    'POST /v1alpha/models/{id}:generateContent',
    'POST /v1/models/{id}:generateContent',
    'GET  /v1/responses/{id}',
    'DELETE /v1/responses/{id}',
    'ANY  /proxy/{provider}/…',
  ]
  expect(foldEndpoints(endpoints)).toEqual([
    'POST   /v1/chat/completions  /v1beta/models/{id}:generateContent',
    'GET    /v1/responses/{id}',
    'DELETE /v1/responses/{id}',
    'ANY    /proxy/{provider}/…',
  ])
})

test('a line is no wider than a terminal', () => {
  const lines = foldEndpoints(Array.from({ length: 40 }, (_, index) => `POST /v1/endpoint-${index}`))
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(89)
  expect(lines.join(' ').match(/endpoint-/g)).toHaveLength(40)
})
