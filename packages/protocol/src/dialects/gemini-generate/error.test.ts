import { expect, test } from 'vitest'
import { SluiceError } from '../../errors/sluice-error.ts'
import { geminiErrors } from './error.ts'

test('a budget that is used up is no mistake in the request, and is read as what it is', () => {
  const body = geminiErrors.encode(new SluiceError('budget_exceeded', 'Used up.'), 'request-1')
  expect(body).toMatchObject({ error: { code: 402, status: 'FAILED_PRECONDITION' } })
  const decoded = geminiErrors.decode({ status: 402, header: () => undefined, body })
  expect(decoded).toMatchObject({ category: 'billing', retryable: false })
})
