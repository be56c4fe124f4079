import { describe, expect, it } from 'vitest'
import type { EmbedDialect } from '../dialect.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { EmbedRequest } from '../ir/embed.ts'
import { describeOperationDialect, type OperationFixtures } from './operation-dialect-contract.ts'

/** Registers the tests that every dialect of embeddings must pass. */
export function describeEmbedDialect(dialect: EmbedDialect, fixtures: OperationFixtures): void {
  describeOperationDialect(dialect, fixtures)

  const context = { warn: () => undefined }
  const asked: EmbedRequest = { model: fixtures.model, inputs: [{ type: 'text', text: 'Hi' }] }

  describe(`vectors in ${dialect.id}`, () => {
    it('may come as numbers or as base64', () => {
      const numbers = { embeddings: [{ float: [0.5, -0.25] }] }
      const base64 = { embeddings: [{ base64: 'AAAAPwAAgL4=' }] }
      for (const formats of [undefined, ['float'], ['base64']] as const) {
        const request: EmbedRequest = { ...asked, ...(formats && { formats }) }
        expect(dialect.result.encode(base64, context, request)).toEqual(
          dialect.result.encode(numbers, context, request),
        )
      }
    })

    it('are one for each input, or it is no answer', () => {
      for (const embeddings of [[], [{ float: [1] }, { float: [2] }]]) {
        expect(() => dialect.result.encode({ embeddings }, context, asked)).toThrow(
          expect.objectContaining({ code: 'upstream_invalid_response' }),
        )
      }
    })

    it('of bits are no numbers', () => {
      expect(() => dialect.result.encode({ embeddings: [{ binary: [1] }] }, context, asked)).toThrow(SluiceError)
    })
  })
}
