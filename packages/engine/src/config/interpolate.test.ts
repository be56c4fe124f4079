import { expect, test } from 'vitest'
import { interpolate } from './interpolate.ts'

const environment = { KEY: 'secret', HOST: 'gpu', EMPTY: '', NESTED: '${KEY}' }

test.each([
  ['a variable', '${KEY}', 'secret'],
  ['inside a text, more than once', 'http://${HOST}:${PORT:-80}/${HOST}', 'http://gpu:80/gpu'],
  ['a default that is not needed', '${KEY:-other}', 'secret'],
  ['a default for an unset one', '${NONE:-a b/c}', 'a b/c'],
  ['a default for an empty one', '${EMPTY:-x}', 'x'],
  ['an empty default', 'a${NONE:-}', 'a'],
  ['escaped', '$${KEY} and $$${KEY}', '${KEY} and $${KEY}'],
  ['what a variable holds is not searched', '${NESTED}', '${KEY}'],
  ['no reference', '$KEY {KEY} $', '$KEY {KEY} $'],
  ['as other gateways write it', 'os.environ/KEY', 'secret'],
  ['as yet others do', 'env.KEY', 'secret'],
  ['only as the whole text', 'see os.environ/KEY', 'see os.environ/KEY'],
  ['only in capitals', 'env.local', 'env.local'],
])('%s', (_, text, expected) => {
  const { value, problems } = interpolate({ a: [text] }, environment)
  expect(value).toEqual({ a: [expected] })
  expect(problems).toEqual([])
})

test.each([
  ['unset', '${NONE}', 'environment variable NONE is not set; set it, or give a default: ${NONE:-default}'],
  ['empty', '${EMPTY}', 'environment variable EMPTY is not set; set it, or give a default: ${EMPTY:-default}'],
  [
    'unset, in the form of others',
    'os.environ/NONE',
    'environment variable NONE is not set; set it, or give a default: ${NONE:-default}',
  ],
  ['not closed', 'x${KEY', 'a reference is written ${NAME} or ${NAME:-default}; write $${ for a literal ${'],
  ['no name', '${a b}', 'a reference is written ${NAME} or ${NAME:-default}; write $${ for a literal ${'],
])('mistake: %s', (_, text, message) => {
  expect(interpolate({ a: { b: [text] } }, environment).problems).toEqual([{ path: ['a', 'b', 0], message }])
})

test('what becomes empty counts as not written', () => {
  expect(interpolate({ model: '${NONE:-}', plain: '' }, environment).value).toEqual({ model: undefined, plain: '' })
})

test('tells what each text came from', () => {
  const { references } = interpolate({ a: '${KEY}${KEY}${NONE:-x}', b: 'plain' }, environment)
  expect(references).toEqual([{ path: ['a'], sources: ['environment variable KEY', 'default of NONE'] }])
})

test('other values stay as they are, and the input is not changed', () => {
  const input = Object.freeze({ a: 1, b: null, c: true, d: Object.freeze(['${KEY}']) })
  expect(interpolate(input, environment).value).toEqual({ a: 1, b: null, c: true, d: ['secret'] })
  expect(input.d).toEqual(['${KEY}'])
})

test('a key __proto__ stays a key', () => {
  const { value } = interpolate(JSON.parse('{"__proto__": {"polluted": "yes"}}'), {})
  expect(Object.keys(value as object)).toEqual(['__proto__'])
  expect(({} as { polluted?: string }).polluted).toBeUndefined()
})

test('a value that contains itself is a mistake, not an endless loop', () => {
  const input: { self?: unknown } = {}
  input.self = input
  expect(interpolate(input, {}).problems).toMatchObject([{ message: 'nested deeper than 12 levels' }])
})
