import { SluiceError } from '@sluice/protocol'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { jsonSchemaOf, strictForm, withJsonSchema } from './json-schema-of.ts'
import { jsonSchemaProblems } from './json-schema-problems.ts'
import { InvalidOutputError, readOutput } from './read-output.ts'
import type { StandardSchema } from './standard-schema.ts'

/** Of a library that cannot tell its JSON Schema. */
const even: StandardSchema<unknown, number> = {
  '~standard': {
    version: 1,
    vendor: 'evens',
    validate: (value) =>
      typeof value === 'number' && value % 2 === 0 ? { value } : { issues: [{ message: 'must be even' }] },
  },
}

describe('JSON Schema of a schema', () => {
  test('is what zod says of its input', () => {
    const schema = jsonSchemaOf(z.object({ city: z.string(), days: z.number().default(1) }))
    expect(schema).toMatchObject({ type: 'object', required: ['city'], properties: { city: { type: 'string' } } })
    expect(schema).not.toHaveProperty('$schema')
  })

  test('is asked for where a library does not tell it', async () => {
    expect(() => jsonSchemaOf(even)).toThrow(/withJsonSchema/)
    const told = withJsonSchema(even, { type: 'number', multipleOf: 2 })
    expect(jsonSchemaOf(told)).toEqual({ type: 'number', multipleOf: 2 })
    expect(await readOutput(told, '4', 'It is wrong')).toBe(4)
  })

  test('is strict only where every member is required', () => {
    const all = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }
    expect(strictForm(all)).toEqual({ schema: { ...all, additionalProperties: false }, strict: true })
    expect(strictForm({ ...all, required: [] }).strict).toBe(false)
    expect(strictForm({ ...all, additionalProperties: true }).strict).toBe(false)
    const nested = { type: 'object', properties: { list: { type: 'array', items: all } }, required: ['list'] }
    expect(strictForm(nested).schema).toMatchObject({
      properties: { list: { items: { additionalProperties: false } } },
    })
  })
})

describe('what a model wrote', () => {
  const schema = z.object({ items: z.array(z.object({ price: z.number() })) })

  test('is read, also from a fence', async () => {
    const text = '```json\n{"items":[{"price":2}]}\n```'
    expect(await readOutput(schema, text, 'It is wrong')).toEqual({ items: [{ price: 2 }] })
  })

  test('is told with where it is wrong', async () => {
    const text = '{"items":[{"price":"two"}]}'
    const error = await readOutput(schema, text, 'It is wrong').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(InvalidOutputError)
    expect(error).toBeInstanceOf(SluiceError)
    expect(error).toMatchObject({ code: 'invalid_output', text, issues: [{ path: 'items[0].price' }] })
  })

  test('may be no JSON at all', async () => {
    const error = await readOutput(schema, 'two', 'It is wrong').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'invalid_output', text: 'two' })
  })
})

describe('plain JSON Schema', () => {
  const schema = {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 2, pattern: '^[A-Z]' },
      age: { type: ['integer', 'null'], minimum: 0 },
      kind: { enum: ['city', 'town'] },
      tags: { type: 'array', items: { $ref: '#/$defs/tag' }, maxItems: 2 },
      size: { anyOf: [{ const: 'small' }, { type: 'number', exclusiveMaximum: 10 }] },
    },
    required: ['name'],
    additionalProperties: false,
    $defs: { tag: { type: 'string' } },
  }

  test('takes what fits', () => {
    const value = { name: 'Oslo', age: null, kind: 'city', tags: ['a', 'b'], size: 9 }
    expect(jsonSchemaProblems(schema, value)).toEqual([])
  })

  test.each<[unknown, readonly (string | number)[]]>([
    [[], []],
    [{}, ['name']],
    [{ name: 'oslo' }, ['name']],
    [{ name: 'O' }, ['name']],
    [{ name: 'Oslo', age: 1.5 }, ['age']],
    [{ name: 'Oslo', age: -1 }, ['age']],
    [{ name: 'Oslo', kind: 'village' }, ['kind']],
    [{ name: 'Oslo', tags: ['a', 2] }, ['tags', 1]],
    [{ name: 'Oslo', tags: ['a', 'b', 'c'] }, ['tags']],
    [{ name: 'Oslo', size: 10 }, ['size']],
    [{ name: 'Oslo', other: 1 }, ['other']],
  ])('finds what is wrong with %j', (value, path) => {
    expect(jsonSchemaProblems(schema, value).map((issue) => issue.path)).toEqual([path])
  })

  test.each([
    [{ maxLength: 1 }, '\u{1F327}', 0],
    [{ maxLength: 1 }, 'ab', 1],
    // Not of Unicode's patterns, which have no escape for what needs none.
    [{ pattern: '^a\\-b$' }, 'a-b', 0],
    [{ pattern: '^a\\-b$' }, 'ab', 1],
    // Of another language.
    [{ pattern: '(?i)^a$' }, 'b', 0],
  ])('%j of %j has %i problems', (keywords, text, count) => {
    expect(jsonSchemaProblems({ type: 'string', ...keywords }, text)).toHaveLength(count)
  })

  test('may refer to itself', () => {
    const tree = { type: 'object', properties: { next: { $ref: '#' } }, additionalProperties: false }
    expect(jsonSchemaProblems(tree, { next: { next: {} } })).toEqual([])
    expect(jsonSchemaProblems(tree, { next: { nxt: {} } }).map(({ path }) => path)).toEqual([['next', 'nxt']])
    expect(jsonSchemaProblems({ $ref: '#' }, 5)).toEqual([])
  })
})
