import fc from 'fast-check'
import { expect, test } from 'vitest'
import { schemaExample } from './schema-example.ts'

const person = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }

test.each<[string, unknown, unknown]>([
  ['types', { type: 'object', properties: { a: { type: 'boolean' }, b: { type: 'null' } } }, { a: true, b: null }],
  ['types that may be null', { type: ['null', 'string'] }, 'example'],
  ['what it gives itself', { type: 'string', const: 'c' }, 'c'],
  ['one of a list', { enum: ['x', 'y'] }, 'x'],
  ['a default', { type: 'number', default: 5 }, 5],
  ['formats', { type: 'string', format: 'date' }, '2026-01-02'],
  ['lengths', { type: 'string', minLength: 10, maxLength: 10 }, 'example...'],
  ['bounds', { type: 'integer', exclusiveMinimum: 5 }, 6],
  ['multiples', { type: 'integer', minimum: 5, multipleOf: 4 }, 8],
  ['an upper bound', { type: 'number', maximum: -2 }, -2],
  ['lists', { type: 'array', items: { type: 'integer' }, minItems: 2 }, [1, 1]],
  ['tuples', { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }] }, ['example', 1]],
  ['choices', { anyOf: [person, { type: 'null' }] }, { name: 'example' }],
  ['references', { $ref: '#/$defs/person', $defs: { person } }, { name: 'example' }],
  ['parts', { allOf: [person, { properties: { age: { type: 'integer' } } }] }, { name: 'example', age: 1 }],
  ['anything', {}, null],
])('%s', (_name, schema, expected) => {
  expect(schemaExample(schema)).toEqual(expected)
})

test('recursive schemas end', () => {
  const node = {
    type: 'object',
    properties: { value: { type: 'string' }, next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } },
    required: ['value', 'next'],
  }
  expect(JSON.stringify(schemaExample(node))).toMatch(/"next":null\}+$/)
  const tree = { type: 'object', properties: { children: { type: 'array', items: { $ref: '#' } } } }
  expect(JSON.stringify(schemaExample(tree))).toMatch(/"children":/)
  expect(schemaExample({ $ref: '#' })).toBeNull()
})

test('any JSON taken for a schema gives JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (schema) => {
      expect(JSON.parse(JSON.stringify({ value: schemaExample(schema) }))).toHaveProperty('value')
    }),
  )
})
