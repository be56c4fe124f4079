import { isDeepStrictEqual } from 'node:util'
import type { Check } from '../case.ts'
import type { Running } from '../contenders/contender.ts'
import { keepAliveAgent, readStream, type StreamTimes } from './stream-client.ts'

/** Fails unless the contender brings the upstream's answer. */
export function expectAnswer(body: string, expected: string): Check {
  const essence = (answer: string): unknown[] => {
    const { choices, usage } = JSON.parse(answer) as Record<string, unknown>
    return [choices, usage]
  }
  return async (running) => {
    const answer = await readOnce(running, body)
    if (!isDeepStrictEqual(essence(answer.body), essence(expected))) {
      throw new Error(`${running.name} changed the answer: ${answer.body.slice(0, 500)}`)
    }
  }
}

/** Fails unless a stream brings `events` events and the end mark. */
export function expectStream(body: string, events: number): Check {
  return async (running) => {
    const answer = await readOnce(running, body)
    const received = answer.body.split('\n\n').filter((event) => event.startsWith('data: {')).length
    if (received !== events || !answer.body.trimEnd().endsWith('data: [DONE]')) {
      throw new Error(`${running.name} sent ${received} events of ${events}, ending: ${answer.body.slice(-200)}`)
    }
  }
}

/** One request on a connection of its own. */
export async function readOnce(running: Running, body: string): Promise<StreamTimes> {
  const agent = keepAliveAgent()
  return await readStream(running, body, agent).finally(() => agent.destroy())
}
