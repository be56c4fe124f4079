import { toStandardJsonSchema } from '@valibot/to-json-schema'
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, test } from 'vitest'
import * as z from 'zod'
import { chats, testSluice } from './contracts/test-sluice.ts'
import { defineTool, readToolArguments } from './function-tool.ts'
import { jsonSchemaOf, withJsonSchema } from './schema/json-schema-of.ts'
import { InvalidOutputError } from './schema/read-output.ts'

// One schema, said with each library: what is checked, what the model is told, and the type that comes out.

const { setUp } = testSluice()

interface City {
  name: string
  people: number
  tags: string[]
}

const schemas = {
  zod: z.object({ name: z.string(), people: z.number().min(0), tags: z.array(z.string()) }),
  valibot: toStandardJsonSchema(
    v.object({ name: v.string(), people: v.pipe(v.number(), v.minValue(0)), tags: v.array(v.string()) }),
  ),
  arktype: type({ name: 'string', people: 'number >= 0', tags: 'string[]' }),
}
const libraries = Object.keys(schemas) as (keyof typeof schemas)[]

const oslo = { name: 'Oslo', people: 700_000, tags: ['fjord'] }
const wanted = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    people: { type: 'number', minimum: 0 },
    tags: { type: 'array', items: { type: 'string' } },
  },
}

describe.each(libraries)('%s', (library) => {
  const schema = schemas[library]

  test('tells the model what is wanted, and gives a typed object', async () => {
    const setup = await setUp()
    setup.simulator.next({ reply: { text: JSON.stringify(oslo) } })
    const { object } = await setup.sluice.chatObject(schema, 'Describe Oslo.', { name: 'city' })
    expectTypeOf(object).toEqualTypeOf<City>()
    expect(object).toEqual(oslo)
    expect(chats(setup)[0]?.json()).toMatchObject({
      response_format: { json_schema: { name: 'city', strict: true, schema: wanted } },
    })
  })

  test('says where an answer is wrong', async () => {
    const { simulator, sluice } = await setUp()
    const text = JSON.stringify({ ...oslo, tags: ['fjord', 7] })
    simulator.always({ reply: { text } })
    const error: unknown = await sluice.chatObject(schema, 'Describe Oslo.').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(InvalidOutputError)
    expect(error).toMatchObject({ code: 'invalid_output', text, issues: [{ path: 'tags[1]' }] })
  })

  test('types the arguments of a tool', async () => {
    const seen: unknown[] = []
    const tool = defineTool({
      name: 'describe_city',
      parameters: schema,
      execute(city) {
        expectTypeOf(city).toEqualTypeOf<City>()
        seen.push(city)
        return 'It is lovely.'
      },
    })
    const setup = await setUp()
    const call = { name: 'describe_city', arguments: oslo }
    setup.simulator.next({ reply: { toolCalls: [call], finishReason: 'tool-calls' } })
    const request = { messages: [{ role: 'user', content: 'Describe Oslo.' }], tools: [tool] } as const
    const { text } = await setup.sluice.chat(request, { runTools: { maxSteps: 2 } })
    expect(seen).toEqual([oslo])
    expect(text).toContain('It is lovely.')
    expect(chats(setup)[0]?.json()).toMatchObject({ tools: [{ function: { parameters: wanted, strict: true } }] })

    const read = await readToolArguments(tool, {
      id: '1',
      kind: 'function',
      name: tool.name,
      input: JSON.stringify(oslo),
    })
    expectTypeOf(read).toEqualTypeOf<City>()
    expect(read).toEqual(oslo)
  })
})

test('what a schema turns its input into is the type of what comes out', async () => {
  const { simulator, sluice } = await setUp()
  simulator.always({ reply: { text: '{"founded":"1048-01-02"}' } })
  const dates = {
    zod: z.object({ founded: z.iso.date().transform((date) => new Date(date)) }),
    arktype: type({ founded: 'string.date.iso.parse' }),
  }
  for (const schema of Object.values(dates)) {
    const { object } = await sluice.chatObject(schema, 'When was Oslo founded?')
    expectTypeOf(object).toEqualTypeOf<{ founded: Date }>()
    expect(object.founded.getUTCFullYear()).toBe(1048)
  }
})

test('plain JSON Schema gives what is not known', async () => {
  const { sluice } = await setUp()
  const { object } = await sluice.chatObject({ type: 'object', properties: {} }, 'Describe Oslo.')
  expectTypeOf(object).toEqualTypeOf<unknown>()
  expect(object).toEqual({})
})

test('valibot alone cannot tell its JSON Schema, and the way out is named', async () => {
  const City = v.object({ name: v.string() })
  expect(() => jsonSchemaOf(City)).toThrow(/Schemas of valibot .*toStandardJsonSchema.*withJsonSchema/)
  const told = withJsonSchema(City, { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] })
  const { sluice } = await setUp()
  const { object } = await sluice.chatObject(told, 'Describe Oslo.')
  expectTypeOf(object).toEqualTypeOf<{ name: string }>()
  expect(object.name).not.toBe('')
})
