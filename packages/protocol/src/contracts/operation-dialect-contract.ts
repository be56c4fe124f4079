import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CodecContext, NeutralRequest, NeutralResult, TranslatableDialect } from '../dialect.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import { totalInput } from '../ir/usage.ts'

/** What the contract of dialects that answer as a whole is run on, by name. */
export interface OperationFixtures {
  /** As the fixtures name it. */
  readonly model: string
  /** Request bodies that the dialect must write back as they were. */
  readonly requests: Readonly<Record<string, unknown>>
  /** Answers that the dialect must write back as they were, with the requests that they are to. */
  readonly results: Readonly<Record<string, { readonly request: unknown; readonly answer: unknown }>>
  /** What is no answer of this wire. */
  readonly unreadable: readonly unknown[]
}

/** Registers the tests that every dialect of an operation without streams must pass. */
export function describeOperationDialect<Request extends NeutralRequest, Result extends NeutralResult>(
  dialect: TranslatableDialect<Request, Result>,
  fixtures: OperationFixtures,
): void {
  const { model } = fixtures
  const requests = Object.entries(fixtures.requests)
  const results = Object.entries(fixtures.results)

  function decodeRequest(wire: unknown, context: CodecContext): Request {
    return { ...dialect.request.decode(wire, context), model }
  }

  describe(`the ${dialect.operation} dialect ${dialect.id}`, () => {
    it.for(requests)('writes the request %s back as it was read', ([, wire]) => {
      const before = structuredClone(wire)
      const { context, warnings } = listen()
      const request = decodeRequest(wire, context)
      const written = throughJson(dialect.request.encode(request, context))
      expect(written).toStrictEqual(wire)
      expect(wire).toStrictEqual(before)
      expect(warnings).toEqual([])
      expect(decodeRequest(written, context)).toStrictEqual(request)
    })

    it.for(results)('writes the answer %s back as it was read', ([, { request: asked, answer }]) => {
      const { context, warnings } = listen()
      const request = decodeRequest(asked, context)
      const result = dialect.result.decode(answer, context)
      expect(throughJson(dialect.result.encode(result, context, request))).toStrictEqual(answer)
      expect(warnings).toEqual([])
    })

    it.for(fixtures.unreadable.map((wire) => [JSON.stringify(wire), wire] as const))(
      'takes %s for no answer',
      ([, wire]) => {
        expect(() => dialect.result.decode(wire, quiet)).toThrow(
          expect.objectContaining({ code: 'upstream_invalid_response' }),
        )
      },
    )

    it.for(requests)('reads the model of %s, and puts another in its place', ([, wire]) => {
      const path = dialect.path(model, false)
      const body = bytesOf(wire)
      const peek = { ...dialect.peek(body), ...dialect.peekPath?.(path) }
      if (dialect.served === undefined) return
      expect(peek).toMatchObject({ model, stream: false })
      const changes = { model: 'another', modelJson: bytesOf('another'), includeUsage: true }
      const patched = dialect.patch?.(body, peek, changes)
      for (const changed of [dialect.rewrite(body, changes), ...(patched === undefined ? [] : [joined(patched)])]) {
        const text = new TextDecoder().decode(changed)
        expect(text).not.toContain(JSON.stringify(model).slice(1))
        expect(decodeRequest(JSON.parse(text), quiet)).toStrictEqual(decodeRequest(wire, quiet))
      }
      const same = { ...changes, model, modelJson: bytesOf(model) }
      const untouched = dialect.patch?.(body, peek, same)
      if (untouched !== undefined) expect(JSON.parse(new TextDecoder().decode(joined(untouched)))).toEqual(wire)
    })

    it.for(results)('watches %s being relayed in pieces', ([, { answer }]) => {
      const bytes = bytesOf(answer)
      for (const size of [1, 7, bytes.length]) {
        const tap = dialect.tap.result()
        const pieces: Uint8Array[] = []
        for (let at = 0; at < bytes.length; at += size) {
          const now = tap.write(bytes.slice(at, at + size))
          if (now !== undefined) pieces.push(now)
        }
        const rest = tap.end()
        if (rest !== undefined) pieces.push(rest)
        expect(joined(pieces)).toEqual(bytes)
        expect([tap.complete, tap.error]).toEqual([true, undefined])
        const { usage } = dialect.result.decode(answer, quiet)
        if (dialect.served !== undefined && usage !== undefined)
          expect(totalInput(tap.usage()!)).toBe(totalInput(usage))
      }
      const cut = dialect.tap.result()
      cut.write(bytes.slice(0, -1))
      cut.end()
      expect(cut.complete).toBe(false)
    })

    it('says an error so that it is read as one', () => {
      const error = new SluiceError('upstream_rejected', 'No such thing.', { status: 400 })
      const body = throughJson(dialect.error.encode(error, 'req_1'))
      const again = dialect.error.decode({ status: 400, header: () => undefined, body })
      expect(again).toMatchObject({ message: 'No such thing.', status: 400 })
    })

    it('is never broken by arbitrary input', () => {
      const json = fc.jsonValue({ maxDepth: 4 })
      const known = [
        ...requests.map(([, wire]) => wire),
        ...results.flatMap(([, { request, answer }]) => [request, answer]),
      ]
      const input = fc.oneof(json, damaged(known, json))
      fc.assert(
        fc.property(input, (wire) => {
          const request = unlessRefused(() => decodeRequest(wire, quiet))
          if (request !== undefined) expect(unlessRefused(() => dialect.request.encode(request, quiet))).not.toBeNull()
          const result = unlessRefused(() => dialect.result.decode(wire, quiet))
          const asked = decodeRequest(results[0]![1].request, quiet)
          if (result !== undefined) unlessRefused(() => throughJson(dialect.result.encode(result, quiet, asked)))
        }),
      )
    })
  })
}

const quiet: CodecContext = { warn: () => undefined }

function listen(): { readonly context: CodecContext; readonly warnings: readonly unknown[] } {
  const warnings: unknown[] = []
  return { warnings, context: { warn: (warning) => void warnings.push(warning) } }
}

/** Nothing but a `SluiceError` may be thrown. */
function unlessRefused<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof SluiceError) return undefined
    throw error
  }
}

/** Known values of which one member is another. */
function damaged(values: readonly unknown[], put: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.tuple(fc.constantFrom(...values), fc.nat(), put).map(([value, at, other]) => {
    if (typeof value !== 'object' || value === null) return other
    const names = Object.keys(value)
    const name = names[at % names.length]
    return name === undefined ? other : { ...value, [name]: other }
  })
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]))
}

function throughJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
