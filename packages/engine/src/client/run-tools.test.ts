import type { Behaviour } from '@sluice/simulator'
import { beforeEach, expect, test } from 'vitest'
import * as z from 'zod'
import { chats, failureOf, type Setup, testSluice } from './contracts/test-sluice.ts'
import type { Sluice } from './create-sluice.ts'
import { defineTool } from './function-tool.ts'
import type { RunToolsOptions } from './tool-run.ts'
import { hasSpent } from './spent.ts'

const { setUp } = testSluice()
let lab: Setup
beforeEach(async () => {
  lab = await setUp({}, { models: [{ id: 'lab/small', price: { input: 1, output: 1 } }] })
})

const usage = { input: 10, output: 5 }
function calling(...names: readonly string[]): Behaviour {
  const toolCalls = names.map((name) => ({ name, arguments: '{}' }))
  return { reply: { toolCalls, finishReason: 'tool-calls', usage } }
}
const answering: Behaviour = { reply: { text: 'Done.', usage } }

function toolOf(execute: () => unknown): ReturnType<typeof defineTool> {
  return defineTool({ name: 'look', parameters: z.object({}), execute })
}

function ask(execute: () => unknown, runTools: RunToolsOptions, signal?: AbortSignal): ReturnType<Sluice['chat']> {
  return lab.sluice.chat(
    { messages: [{ role: 'user', content: 'Hi' }], tools: [toolOf(execute)] },
    { runTools, signal },
  )
}

test('a signal ends it while a tool runs, whatever the tool does', async () => {
  lab.simulator.always(calling('look'))
  const abort = new AbortController()
  const never = (): Promise<never> => {
    abort.abort()
    return new Promise(() => undefined)
  }
  const error = await failureOf(ask(never, { maxSteps: 3 }, abort.signal))
  expect(error).toMatchObject({ code: 'client_closed_request' })
  expect(hasSpent(error) && error.spent.usage).toMatchObject({ input: 10, output: 5 })
})

test('a signal ends it though the model would be told of the failure', async () => {
  lab.simulator.always(calling('look'))
  const abort = new AbortController()
  const failing = (): Promise<never> => {
    abort.abort()
    return Promise.reject(new Error('no more'))
  }
  const error = await failureOf(ask(failing, { maxSteps: 3, failures: 'tell-model' }, abort.signal))
  expect(error).toMatchObject({ code: 'client_closed_request' })
})

test('what is said again is the choice whose tools were called', async () => {
  const call = { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } }
  const choices = [
    { index: 1, message: { role: 'assistant', content: 'Another' }, finish_reason: 'stop' },
    { index: 0, message: { role: 'assistant', content: null, tool_calls: [call] }, finish_reason: 'tool_calls' },
  ]
  lab.simulator.next({ raw: { body: JSON.stringify({ id: 'x', object: 'chat.completion', choices }) } }, answering)
  await ask(() => 'seen', { maxSteps: 2 })
  const messages = [{ role: 'user' }, { tool_calls: [call] }, { role: 'tool', tool_call_id: 'call_1' }]
  expect(lab.simulator.requests.at(-1)?.json()).toMatchObject({ messages })
})

test('what was used before it failed is told', async () => {
  lab.simulator.next(calling('look'), calling('look'), { fault: { kind: 'status', status: 400 } })
  const error = await failureOf(ask(() => 'seen', { maxSteps: 5 }))
  expect(error).toMatchObject({ code: 'upstream_rejected' })
  if (!hasSpent(error)) throw new Error('nothing is told')
  expect(error.spent).toMatchObject({ usage: { input: 20, output: 10 }, cost: { nanoDollars: 30_000 } })
  expect(error.spent.answers).toHaveLength(2)
})

test('a failure of the first call has used nothing', async () => {
  lab.simulator.next({ fault: { kind: 'status', status: 400 } })
  expect(hasSpent(await failureOf(ask(() => 'seen', { maxSteps: 5 })))).toBe(false)
})

test.each([
  ['throws', () => Promise.reject(new RangeError('no such city'))],
  [
    'gives what JSON cannot say',
    () => {
      return { size: 1n }
    },
  ],
])('a tool that %s fails with its name and the cause', async (_, execute) => {
  lab.simulator.next(calling('look'))
  const error = await failureOf(ask(execute, { maxSteps: 2 }))
  expect(error).toMatchObject({ name: 'SluiceError', code: 'tool_failed', cause: expect.any(Error) as Error })
  expect(error.message).toMatch(/^The tool "look" failed: /)
  expect(hasSpent(error)).toBe(true)
})

test('a tool that there is not is told to the model, or left to the caller', async () => {
  lab.simulator.next(calling('look', 'dream'), answering)
  const told = await ask(() => 'seen', { maxSteps: 3, failures: 'tell-model' })
  expect(told.text).toBe('Done.')
  expect(told.steps?.[0]?.results).toMatchObject([
    { content: 'seen', failed: false },
    { content: 'There is no tool "dream". There are: look.', failed: true },
  ])
  lab.simulator.next(calling('look', 'dream'))
  const left = await ask(() => 'seen', { maxSteps: 3 })
  expect(left.toolCalls.map(({ name }) => name)).toEqual(['look', 'dream'])
})

test("a custom tool is the caller's to call, and not one that there is not", async () => {
  lab.simulator.next(calling('grep'))
  const custom = { type: 'custom', custom: { name: 'grep' } } as const
  const request = { messages: [{ role: 'user', content: 'Hi' }], tools: [toolOf(() => 'seen'), custom] } as const
  const left = await lab.sluice.chat(request, { runTools: { maxSteps: 3, failures: 'tell-model' } })
  expect(left.toolCalls.map(({ name }) => name)).toEqual(['grep'])
})

test('no more tools are called than are allowed', async () => {
  let called = 0
  lab.simulator.always(calling('look', 'look'))
  const { toolCalls, steps, finishReason } = await ask(() => ++called, { maxSteps: 9, maxToolCalls: 5 })
  expect([called, toolCalls.length, steps?.length, finishReason]).toEqual([4, 2, 3, 'tool-calls'])
})

test.each<Partial<RunToolsOptions>>([{ maxSteps: 0 }, { maxSteps: 1.5 }, { maxToolCalls: -1 }])(
  'refuses the limits %o',
  async (limits) => {
    const error = await failureOf(ask(() => 'seen', { maxSteps: 2, ...limits }))
    expect(error).toMatchObject({ code: 'invalid_request', param: 'runTools' })
    expect(chats(lab)).toEqual([])
  },
)
