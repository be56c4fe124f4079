import { expect, it } from 'vitest'
import { describeChatDialect } from '../../contracts/chat-dialect-contract.ts'
import { errors } from './__fixtures__/errors.ts'
import { requests } from './__fixtures__/requests.ts'
import { results } from './__fixtures__/results.ts'
import { failures, streams } from './__fixtures__/streams.ts'
import { cohereChat } from './cohere-chat.ts'

describeChatDialect(cohereChat, { requests, results, streams, failures, errors })

it('keeps the provider’s name of a failed request', () => {
  const header = (name: string): string | undefined => (name === 'x-debug-trace-id' ? 'trace-1' : undefined)
  const body = { id: 'e-1', message: 'no' }
  expect(cohereChat.error.decode({ status: 400, header, body }).upstream?.requestId).toBe('trace-1')
  expect(cohereChat.error.decode({ status: 498, header: () => undefined, body }).upstream).toEqual({
    status: 498,
    requestId: 'e-1',
  })
})
