import { SluiceError } from '@sluice/protocol'
import { describe, expect, expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import { chats, failureOf, type Setup, testSluice } from '../contracts/test-sluice.ts'
import { InvalidOutputError } from '../schema/read-output.ts'
import { defineBlock } from './content-block.ts'
import { contentBlocks } from './content-blocks.ts'
import { countCharacters } from './count-characters.ts'

const { setUp } = testSluice()

const says = (value: unknown): { reply: { text: string } } => ({ reply: { text: JSON.stringify(value) } })
const bodies = (setup: Setup): readonly Record<string, unknown>[] =>
  chats(setup).map(({ body }) => JSON.parse(String(body)) as Record<string, unknown>)

describe('content.generate', () => {
  it('gives a text, and how it was come by', async () => {
    const setup = await setUp()
    const answer = await setup.sluice.content.generate('A haiku')
    expect(answer).toMatchObject({ model: 'small', provider: 'lab', attempts: 1, warnings: [] })
    expect(answer.content).toContain('A haiku')
    expect(answer.tokens_used).toBe((answer.usage?.input ?? 0) + (answer.usage?.output ?? 0))
    await setup.sluice.content.generate({ prompt: 'A', provider: 'lab', model: 'large', system_prompt: 'Be brief.' })
    expect(bodies(setup)).toMatchObject([
      { model: 'small', max_tokens: 1000, temperature: 0.7, messages: [{ role: 'user', content: 'A haiku' }] },
      { model: 'large', messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user' }] },
    ])
  })

  it('is given up by a signal', async () => {
    const { sluice } = await setUp()
    const options = { signal: AbortSignal.abort() }
    expect((await failureOf(sluice.content.generate('A', options))).code).toBe('client_closed_request')
  })
})

describe('content.fromTemplate', () => {
  it('gives the text of a prompt', async () => {
    const prompts = { haiku: { user: 'A haiku on {{topic}}', variables: { topic: 'string' as const } } }
    const { sluice } = await setUp({}, { prompts })
    expect((await sluice.content.fromTemplate('haiku', { topic: 'rain' })).content).toContain('A haiku on rain')
    expect((await failureOf(sluice.content.fromTemplate('haiku'))).param).toBe('prompt_variables.topic')
    expect((await failureOf(sluice.content.fromTemplate('none'))).code).toBe('prompt_not_found')
  })
})

describe('content.block', () => {
  it.each(Object.keys(contentBlocks) as readonly (keyof typeof contentBlocks)[])('writes a block: %s', async (type) => {
    const setup = await setUp()
    // What a simulated model makes of the schema has one cell a row, and one column.
    const { block, usage } = await setup.sluice.content.block(type, 'Rain in Bergen')
    expect(block).toMatchObject({ type })
    expect(Object.keys(block).length).toBeGreaterThan(1)
    expect(usage?.output).toBeGreaterThan(0)
    expect(bodies(setup)[0]).toMatchObject({
      messages: [{ role: 'system' }, { role: 'user', content: 'Rain in Bergen' }],
      response_format: { type: 'json_schema', json_schema: { name: type, strict: true } },
    })
  })

  it('has the type of what it holds', async () => {
    const setup = await setUp()
    setup.simulator.next(says({ items: [{ question: 'Does it rain?', answer: 'Yes.' }] }))
    const { block, provider } = await setup.sluice.content.block('faq', 'Bergen')
    expect(block).toEqual({ type: 'faq', items: [{ question: 'Does it rain?', answer: 'Yes.' }] })
    expectTypeOf(block.items[0]!.question).toEqualTypeOf<string>()
    expect(provider).toBe('lab')
  })

  it('is of a kind of one’s own', async () => {
    const setup = await setUp()
    const rating = defineBlock({
      type: 'rating',
      description: 'how good something is.',
      schema: z.object({ stars: z.number().int().min(1).max(5), why: z.string() }),
    })
    setup.simulator.next(says({ stars: 9, why: 'x' }), says({ stars: 4, why: 'It rains.' }))
    const { block } = await setup.sluice.content.block(rating, { prompt: 'Bergen', system_prompt: 'Be fair.' })
    expect(block).toEqual({ type: 'rating', stars: 4, why: 'It rains.' })
    expectTypeOf(block).toEqualTypeOf<{ readonly type: 'rating' } & { stars: number; why: string }>()
    const [first, second] = bodies(setup)
    expect(JSON.stringify(first?.['messages'])).toContain('how good something is. Write')
    expect(JSON.stringify(first?.['messages'])).toContain('Be fair.')
    expect(JSON.stringify(second?.['messages'])).toContain('stars')
  })

  it.each<[what: string, kind: { type: string; schema: z.ZodType }]>([
    ['a type that is no name', { type: 'my note!', schema: z.object({ text: z.string() }) }],
    ['a member that blocks have', { type: 'note', schema: z.object({ type: z.string() }) }],
  ])('is not of a kind with %s', (_, kind) => {
    expect(() => defineBlock({ description: 'a note.', ...kind })).toThrow(SluiceError)
  })

  it('is an error when it is none', async () => {
    const setup = await setUp()
    const uneven = says({ caption: null, columns: ['a', 'b'], rows: [['1', '2'], ['3']] })
    setup.simulator.next(uneven, uneven)
    const error = await failureOf(setup.sluice.content.block('table', 'Rain'))
    expect(error).toBeInstanceOf(InvalidOutputError)
    expect((error as InvalidOutputError).issues).toEqual([
      { path: 'rows[1]', message: 'has 1 cells, and there are 2 columns' },
    ])
    // The two above, and one that is not repaired.
    setup.simulator.next(uneven)
    await failureOf(setup.sluice.content.block('table', 'Rain', { repairs: 0 }))
    expect(chats(setup)).toHaveLength(3)
    const unknown = await failureOf(setup.sluice.content.block('marquee' as 'faq', 'Rain'))
    expect([unknown.code, unknown.message]).toEqual(['invalid_request', expect.stringContaining('heading, paragraph')])
  })
})

describe('content.meta', () => {
  const long = 'x'.repeat(61)

  it('tells the model what is too long, until it fits', async () => {
    const setup = await setUp()
    setup.simulator.next(
      says({ title: long, description: 'y'.repeat(200) }),
      says({ title: 'Rain', description: '' }),
      says({ title: '  Rain in\nBergen ', description: 'Why it rains.' }),
    )
    const { title, description, usage } = await setup.sluice.content.meta('A page on rain')
    expect([title, description]).toEqual(['Rain in Bergen', 'Why it rains.'])
    const told = bodies(setup).map(({ messages }) => (messages as { content: string }[]).at(-1)?.content)
    expect(told).toEqual([
      'A page on rain',
      expect.stringContaining(
        'title has 61 characters, 1 more than the 60 that it may have; description has 200 characters, 40 more than the 160',
      ),
      expect.stringContaining('description is empty'),
    ])
    expect(usage?.output).toBeGreaterThan(0)
  })

  it('is an error that says so when it is too long to the end', async () => {
    const setup = await setUp()
    setup.simulator.always(says({ title: long, description: 'Fine.' }))
    const error = await failureOf(setup.sluice.content.meta('Rain'))
    expect([error.code, chats(setup).length]).toEqual(['invalid_output', 3])
    expect((error as InvalidOutputError).issues.map(({ path }) => path)).toEqual(['title'])
    const options = { titleLength: 61, repairs: 0 }
    expect((await setup.sluice.content.meta('Rain', options)).title).toBe(long)
  })

  it('counts characters as people see them', () => {
    expect(countCharacters('Grüße 👩‍👩‍👧 🇳🇴')).toBe(9)
    expect(countCharacters('é'.normalize('NFD'))).toBe(1)
    expect(countCharacters('')).toBe(0)
  })
})
