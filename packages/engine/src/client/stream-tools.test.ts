import type { Behaviour } from '@sluice/simulator'
import { beforeEach, expect, test } from 'vitest'
import * as z from 'zod'
import type { ChatAnswer } from './chat-answer.ts'
import type { ChatStream } from './chat-stream.ts'
import type { ChatStreamListener, ChatStreamSource } from './chat-stream-source.ts'
import { chats, failureOf, type Setup, testSluice } from './contracts/test-sluice.ts'
import { defineTool } from './function-tool.ts'
import { hasSpent } from './spent.ts'
import { streamTools } from './stream-tools.ts'
import type { RunToolsOptions } from './tool-run.ts'

const { setUp } = testSluice()
let lab: Setup
beforeEach(async () => {
  lab = await setUp({}, { models: [{ id: 'lab/small', price: { input: 1, output: 1 } }] })
})

const usage = { input: 10, output: 5 }
const calling: Behaviour = {
  reply: { text: 'Let me look. ', toolCalls: [{ name: 'look', arguments: '{}' }], finishReason: 'tool-calls', usage },
}
const answering: Behaviour = { reply: { text: 'It rains.', usage } }

interface Called {
  readonly signal?: AbortSignal | undefined
}

function ask(
  execute: (_: unknown, call: Called) => unknown,
  runTools: RunToolsOptions = { maxSteps: 5 },
  signal?: AbortSignal,
): ChatStream {
  const look = defineTool({ name: 'look', parameters: z.object({}), execute })
  return lab.sluice.stream({ messages: [{ role: 'user', content: 'Hi' }], tools: [look] }, { runTools, signal })
}

async function eventsOf(stream: ChatStream): Promise<readonly string[]> {
  const types: string[] = []
  for await (const { type } of stream) types.push(type)
  return types
}

test('each call of the model is heard as it comes, and the tools run between them', async () => {
  lab.simulator.next(calling, answering)
  const order: string[] = []
  const stream = ask(() => void order.push('looked'))
  for await (const { type } of stream) if (type === 'message-start' || type === 'message-end') order.push(type)
  expect(order).toEqual(['message-start', 'message-end', 'looked', 'message-start', 'message-end'])
})

test('the answer is that of `chat`, of all steps together', async () => {
  lab.simulator.next(calling, answering, calling, answering)
  const tools = [defineTool({ name: 'look', parameters: z.object({}), execute: () => 'seen' })]
  const request = { messages: [{ role: 'user', content: 'Hi' }] as const, tools }
  const stream = lab.sluice.stream(request, { runTools: { maxSteps: 5 } })
  const streamed = await stream.result()
  const whole = await lab.sluice.chat(request, { runTools: { maxSteps: 5 } })
  const { text, attempts, steps } = streamed
  expect([text, attempts, streamed.usage, streamed.cost]).toEqual([whole.text, 2, whole.usage, whole.cost])
  expect(streamed.usage).toMatchObject({ input: 20, output: 10 })
  expect(steps?.map(({ results }) => results)).toMatchObject([[{ content: 'seen', failed: false }], []])
  expect(await stream.usage()).toEqual({ usage: whole.usage, cost: whole.cost })
  expect(stream.requestId).toBe(steps?.[0]?.answer.requestId)
})

test('the text of each call is read, and no reasoning of a later one for the text of an earlier', async () => {
  lab.simulator.next(calling, { reply: { reasoning: 'Hm.', text: 'It rains.', usage } })
  let text = ''
  for await (const piece of ask(() => 'seen').textStream) text += piece
  expect(text).toBe('Let me look. It rains.')
})

test('two may read it', async () => {
  lab.simulator.next(calling, answering)
  const [one, other] = ask(() => 'seen').tee()
  const [events, text] = await Promise.all([eventsOf(one), other.text()])
  expect(events.filter((type) => type === 'message-end')).toHaveLength(2)
  expect(text).toBe('It rains.')
  expect(chats(lab)).toHaveLength(2)
})

test('limits end it as they end `chat`', async () => {
  lab.simulator.always(calling)
  const { toolCalls, steps, finishReason } = await ask(() => 'seen', { maxSteps: 2 }).result()
  expect([toolCalls.length, steps?.length, finishReason]).toEqual([1, 2, 'tool-calls'])
  const error = await failureOf(ask(() => 'seen', { maxSteps: 0 }).result())
  expect(error).toMatchObject({ code: 'invalid_request', param: 'runTools' })
  expect(chats(lab)).toHaveLength(2)
})

test('what is no chat is told to the reader', async () => {
  const stream = lab.sluice.stream(7 as never, { runTools: { maxSteps: 2 } })
  expect(await failureOf(stream.result())).toMatchObject({ code: 'invalid_request', param: 'messages' })
})

test('a tool that throws fails it, with what was used, or is told to the model', async () => {
  lab.simulator.next(calling, calling, answering)
  const error = await failureOf(eventsOf(ask(() => Promise.reject(new RangeError('no such city')))))
  expect(error).toMatchObject({ code: 'tool_failed', cause: expect.any(RangeError) as Error })
  expect(hasSpent(error) && error.spent.usage).toMatchObject(usage)
  const told = ask(() => Promise.reject(new RangeError('no such city')), { maxSteps: 2, failures: 'tell-model' })
  expect((await told.result()).text).toBe('It rains.')
})

test('a later call that fails says what was used before', async () => {
  lab.simulator.next(calling, { fault: { kind: 'status', status: 400 } })
  const stream = ask(() => 'seen')
  const error = await failureOf(eventsOf(stream))
  expect(error).toMatchObject({ code: 'upstream_rejected' })
  expect(hasSpent(error) && error.spent.answers).toHaveLength(1)
  expect((await stream.usage()).usage).toMatchObject(usage)
})

test('leaving it while a tool runs ends the tool, and the model is not asked again', async () => {
  lab.simulator.always(calling)
  let heard: AbortSignal | undefined
  const stream = ask((_, { signal }) => {
    heard = signal
    stream.cancel()
    return 'seen'
  })
  expect(await failureOf(stream.result())).toMatchObject({ code: 'client_closed_request' })
  expect(heard?.aborted).toBe(true)
  expect((await stream.usage()).usage).toMatchObject(usage)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(chats(lab)).toHaveLength(1)
})

test('a signal ends it while a tool runs, whatever the tool does', async () => {
  lab.simulator.always(calling)
  const abort = new AbortController()
  const never = (): Promise<never> => {
    abort.abort()
    return new Promise(() => undefined)
  }
  const error = await failureOf(eventsOf(ask(never, { maxSteps: 3 }, abort.signal)))
  expect(error).toMatchObject({ code: 'client_closed_request' })
  expect(chats(lab)).toHaveLength(1)
})

test('what is used of a later call that is left counts, too', async () => {
  lab.simulator.next(calling, { reply: { text: 'word '.repeat(50) }, timing: { gap: 5 } })
  const stream = ask(() => 'seen')
  let messages = 0
  for await (const { type } of stream) {
    if (type === 'message-start') messages++
    if (messages === 2 && type === 'text-delta') break
  }
  const { usage: used } = await stream.usage()
  expect(used?.estimated).toBe(true)
  expect(used?.input).toBeGreaterThan(10)
  expect(used?.output).toBeGreaterThan(5)
})

test('who holds it back between two calls holds the next one back', async () => {
  const moves: string[] = []
  let begun = 1
  const answers = [await lab.sluice.chat('Hi'), await lab.sluice.chat('Hi')]
  lab.simulator.reset()
  const call = { id: 'c', kind: 'function', name: 'look', input: '{}', arguments: {} } as const
  const listeners: ChatStreamListener[] = []
  const open = (): ChatStreamSource => ({
    requestId: 'req_1',
    signal: undefined,
    start(listener) {
      const index = listeners.push(listener)
      const move = (name: string) => (): void => void (begun >= index && moves.push(`${name} ${index}`))
      return { pause: move('pause'), resume: move('resume') }
    },
    abort: () => undefined,
    usage: async () => ({ usage: undefined, cost: null }),
  })
  let hold = (): void => undefined
  const look = defineTool({ name: 'look', parameters: z.object({}), execute: () => hold() })
  const over = Promise.withResolvers<ChatAnswer>()
  const listener = { event: () => undefined, end: over.resolve, fail: over.reject }
  const valve = streamTools(open, { messages: [], tools: [look] }, { maxSteps: 3 }).start(listener)
  hold = () => valve.pause()
  listeners[0]!.end({ ...answers[0]!, toolCalls: [call] })
  await expect.poll(() => listeners.length).toBe(2)
  // What has not begun cannot be held back.
  begun = 2
  listeners[1]!.event({ type: 'part-end', choice: 0, part: 0 })
  valve.resume()
  listeners[1]!.event({ type: 'part-end', choice: 0, part: 1 })
  listeners[1]!.end(answers[1]!)
  expect((await over.promise).steps).toHaveLength(2)
  expect(moves).toEqual(['pause 1', 'pause 2', 'resume 2'])
})
