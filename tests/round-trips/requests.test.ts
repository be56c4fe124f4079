import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ChatDialect, type ChatRequest, translateRequest } from '@sluice/protocol'
import { chatDialects } from '@sluice/protocol/dialects'
import { chatRequest } from './arbitrary-chat.ts'
import { gistOfRequest } from './gist.ts'
import { expectBothKept, throughJson } from './kept.ts'

/** Every request, written in every dialect, read, written in every other, read, and written back. */
const quiet = { warn: (): void => undefined }
const runs = { seed: 20_261_121, numRuns: 40 }

/** As one who speaks a dialect would get it. Some say the model and the wish for a stream in the path. */
function cross(dialect: ChatDialect, request: ChatRequest): ChatRequest {
  const read = dialect.request.decode(throughJson(translateRequest(request, dialect, quiet)), quiet)
  return { ...read, model: request.model, ...(request.stream !== undefined && { stream: request.stream }) }
}

describe.each(chatDialects.map((dialect) => [dialect.id, dialect] as const))('requests of %s', (_, dialect) => {
  test('are written back as they were read', () => {
    fc.assert(
      fc.property(chatRequest, (request) => {
        const wire = throughJson(dialect.request.encode(request, quiet))
        const read = dialect.request.decode(wire, quiet)
        expect(throughJson(dialect.request.encode(read, quiet))).toStrictEqual(wire)
      }),
      runs,
    )
  })

  test('keep who said what, and which result is of which call', () => {
    fc.assert(
      fc.property(chatRequest, (request) => {
        const plain = { ...request, messages: request.messages.map(withoutManyTexts) }
        const { asked, results, ...before } = gistOfRequest(plain)
        const after = gistOfRequest(cross(dialect, plain))
        expect(after).toMatchObject({ asked, results, 'answered callIds': before['answered callIds'] })
      }),
      runs,
    )
  })

  test.each(chatDialects.filter((other) => other !== dialect).map((other) => [other.id, other] as const))(
    'keep all that %s can say too',
    (_other, other) => {
      fc.assert(
        fc.property(chatRequest, (request) => {
          const [here, there] = [cross(dialect, request), cross(other, request)]
          const back = cross(dialect, cross(other, here))
          expectBothKept(...([request, here, there, back].map(gistOfRequest) as Gists))
        }),
        runs,
      )
    },
  )
})

type Gists = Parameters<typeof expectBothKept>

/** Some wires hold one text a message, and join several with line breaks. */
function withoutManyTexts<T extends ChatRequest['messages'][number]>(message: T): T {
  if (typeof message.content !== 'object' || message.content === null) return message
  let seen = false
  const content = message.content.filter((part) => part.type !== 'text' || (!seen && (seen = true)))
  return { ...message, content }
}
