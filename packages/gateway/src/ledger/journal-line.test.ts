import { inputClasses, noUsage, openaiChat, outputClasses, SluiceError } from '@sluice/protocol'
import fc from 'fast-check'
import type { Attempt, Cost, Target } from 'sluice'
import { expect, test } from 'vitest'
import type { Principal } from '../pipeline/principal.ts'
import type { LedgerRecord } from '../pipeline/meter.ts'
import { createLineEncoder, decodeLine } from './journal-line.ts'

const targetOf = (provider: string, model: string): Target =>
  ({ provider: { id: provider }, model, plan: { kind: 'passthrough', dialect: openaiChat } }) as unknown as Target

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
const tokens = fc.nat(Number.MAX_SAFE_INTEGER)
const caller: fc.Arbitrary<Principal> = fc.record(
  {
    id: name,
    owner: name,
    organisation: name,
    workspace: fc.record({ id: name, kind: fc.constantFrom('team', 'site', 'project') }),
    user: name,
    tags: fc.array(name, { maxLength: 3 }),
  },
  { requiredKeys: ['id', 'owner'] },
)
const target = fc.tuple(name, name).map(([provider, model]) => targetOf(provider, model))
const time = fc.nat(10_000)
const attempt: fc.Arbitrary<Attempt> = fc
  .record({
    target,
    startedAt: time,
    took: time,
    error: fc.option(
      fc
        .option(fc.integer({ min: 400, max: 599 }), { nil: undefined })
        .map(
          (status) =>
            new SluiceError('upstream_error', 'It failed.', { ...(status !== undefined && { upstream: { status } }) }),
        ),
      { nil: undefined },
    ),
    abandoned: fc.boolean(),
  })
  .map(({ target: asked, startedAt, took, error, abandoned }) => ({
    target: asked,
    startedAt,
    endedAt: startedAt + took,
    ...(error !== undefined && { error }),
    ...(error === undefined && abandoned && { abandoned: true as const }),
  }))
const cost: fc.Arbitrary<Cost> = fc.oneof(
  fc.record({
    state: fc.constantFrom('priced' as const, 'estimated' as const),
    nanoDollars: tokens,
    source: fc.constantFrom('provider' as const, 'table' as const),
    tableNanoDollars: fc.constant(null),
    priceVersion: fc.constantFrom('genai-prices@0.2.3', 'config', null),
  }),
  fc.constant({ state: 'unpriced' as const, nanoDollars: null, reason: 'The price is not known.' }),
)
const usage = fc.record(
  {
    ...(Object.fromEntries([...inputClasses, ...outputClasses].map((key) => [key, tokens])) as Record<
      keyof typeof noUsage & (typeof inputClasses | typeof outputClasses)[number],
      typeof tokens
    >),
    searches: tokens,
    audioSeconds: tokens,
    characters: tokens,
    estimated: fc.boolean(),
  },
  { requiredKeys: [...inputClasses, ...outputClasses] },
)
const record: fc.Arbitrary<LedgerRecord> = fc
  .record({
    requestId: fc.stringMatching(/^[\w.:-]{1,128}$/),
    caller,
    startedAt: tokens,
    operation: fc.constantFrom('chat' as const, 'embed' as const),
    requestedModel: fc.option(name, { nil: undefined }),
    target: fc.option(target, { nil: undefined }),
    stream: fc.boolean(),
    calls: fc.array(attempt, { maxLength: 3 }),
    outcome: fc.constantFrom('ok' as const, 'error' as const, 'cut' as const, 'aborted' as const),
    errorCode: fc.constantFrom('upstream_error', undefined),
    usage: fc.option(usage, { nil: undefined }),
    processing: fc.option(name, { nil: undefined }),
    cost: fc.option(cost, { nil: undefined }),
    finishReason: fc.constantFrom('stop' as const, 'tool-calls' as const, undefined),
    duration: time,
    firstToken: fc.option(time, { nil: undefined }),
    cached: fc.constant(false),
    entry: fc.constant(undefined),
    gathered: fc.constant(false),
  })
  .map((made) => ({
    ...made,
    principal: made.caller.id,
    provider: made.target?.provider.id,
    model: made.target?.model,
    attempts: made.calls.length,
  }))

test('a line says all of a record again, whatever is in it, and is one line', () => {
  const encoder = createLineEncoder()
  fc.assert(
    fc.property(record, fc.nat(), (said, number) => {
      const text = encoder.ended(number, said, true)
      expect(text.indexOf('\n')).toBe(text.length - 1)
      const line = decodeLine(text.slice(0, -1), 'writer')
      expect(line).toMatchObject({ kind: 'ended', number, unpriced: false })
      const { caller: whose, usage: used, calls } = said
      expect(line?.entry).toMatchObject({
        id: `writer-${number.toString(36)}`,
        requestId: said.requestId,
        startedAt: said.startedAt,
        principal: whose.id,
        organisation: whose.organisation ?? null,
        workspace: whose.workspace?.id ?? null,
        workspaceKind: whose.workspace?.kind ?? null,
        user: whose.user ?? null,
        tags: whose.tags ?? [],
        operation: said.operation,
        requestedModel: said.requestedModel ?? null,
        provider: said.provider ?? null,
        model: said.model ?? null,
        stream: said.stream,
        outcome: said.outcome,
        errorCode: said.errorCode ?? null,
        finishReason: said.finishReason ?? null,
        duration: said.duration,
        firstToken: said.firstToken ?? null,
      })
      const { estimated, ...counts } = used ?? {}
      if (used === undefined) expect(line?.entry.usage).toBeNull()
      else
        expect(line?.entry.usage).toEqual({
          ...counts,
          ...(estimated === true && { estimated }),
          processing: said.processing ?? null,
        })
      expect(line?.entry.cost?.nanoDollars).toBe(said.cost?.nanoDollars)
      expect(line?.entry.attempts).toHaveLength(calls.length)
      for (const [index, call] of calls.entries()) {
        const told = line?.entry.attempts[index]
        expect(told).toMatchObject({ duration: call.endedAt - call.startedAt, errorCode: call.error?.code ?? null })
        if (calls.length > 1 || call.error !== undefined)
          expect(told).toMatchObject({ model: call.target.model, status: call.error?.upstream?.status ?? null })
      }
    }),
  )
})

const plain: LedgerRecord = {
  requestId: 'req-1',
  principal: 'key_1',
  caller: { id: 'key_1', owner: 'key_1' },
  startedAt: 5,
  operation: 'chat',
  requestedModel: 'm'.repeat(5_000),
  provider: 'lab',
  model: 'small',
  target: undefined,
  stream: false,
  attempts: 1,
  calls: [],
  outcome: 'ok',
  errorCode: undefined,
  usage: noUsage,
  processing: undefined,
  cost: { state: 'unpriced', nanoDollars: null, reason: 'Its price is not known.' },
  finishReason: undefined,
  duration: 1,
  firstToken: undefined,
  cached: false,
  entry: undefined,
  gathered: false,
}

test('a price that was not known because prices were not there yet is still to be worked out', () => {
  const encoder = createLineEncoder()
  const decode = (text: string): unknown => decodeLine(text.trim(), 'w')
  expect(decode(encoder.ended(1, plain, false))).toMatchObject({ unpriced: true })
  expect(decode(encoder.ended(1, plain, true))).toMatchObject({
    unpriced: false,
    entry: { cost: { nanoDollars: null } },
  })
})

test('an answer that is given again used and cost nothing, which is known', () => {
  const line = createLineEncoder().ended(1, { ...plain, usage: undefined, cost: undefined, cached: true }, true)
  expect(decodeLine(line.trim(), 'w')).toMatchObject({
    entry: { usage: { input: 0, output: 0 }, cost: { source: 'cache', nanoDollars: 0 } },
  })
})

test('a name of any length takes little room', () => {
  expect(createLineEncoder().ended(1, plain, true).length).toBeLessThan(500)
})

test('the beginning of a stream says whose it is, and that its end is not known', () => {
  const { requestId, caller: whose, operation, startedAt } = plain
  const asked = targetOf('lab', 'small')
  const begun = { requestId, caller: whose, operation, requestedModel: 'fast', target: asked, startedAt }
  expect(decodeLine(createLineEncoder().begun(7, begun).trim(), 'w')).toMatchObject({
    kind: 'begun',
    number: 7,
    entry: { id: 'w-7', principal: 'key_1', provider: 'lab', outcome: 'interrupted', usage: null, cost: null },
  })
})

test('what is no line, or of a format of later, is none', () => {
  const line = createLineEncoder().ended(1, plain, true).trim()
  for (const text of ['', 'x', '{}', '[]', line.slice(0, -5), line.replace('[1,', '[9,'), line.slice(0, 100)])
    expect(decodeLine(text, 'w')).toBeUndefined()
})
