import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chatDialects } from '@sluice/protocol/dialects'
import type { TestGateway } from '../start-test-gateway.ts'
import { ask, type Gist, gistOf } from './ask.ts'
import { lossOf } from './losses.ts'
import { type Scenario, scenarios } from './scenarios.ts'
import { callers, startMatrix } from './start-matrix.ts'

/** Every dialect that callers speak, against every dialect that a provider may speak, whole and streamed. */
let world: TestGateway

beforeAll(async () => {
  world = await startMatrix()
})

afterAll(() => world.close())

/** Wires whose answers name their model. */
const namesModel = new Set(['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini-generate', 'ollama-chat'])

describe.each(callers.map((caller) => [caller.id, caller] as const))('%s', (_, caller) => {
  describe.each(chatDialects.map(({ id }) => [id]))('to %s', (provider) => {
    test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (_name, scenario) => {
      world.simulator.always(scenario.behaviour)
      const origin = world.gateway.url
      const model = `via-${provider}/small`
      const whole = await ask(origin, caller, model, scenario, false)
      const streamed = await ask(origin, caller, model, scenario, true)
      const lost = lossOf(caller.id, provider, scenario.name)
      const expected = without(expectedGist(scenario), lost)
      expect(without(gistOf(whole.result), lost)).toMatchObject(expected)
      expect(without(gistOf(streamed.result), lost)).toMatchObject(expected)
      // Callers' libraries insist on a name, though not every provider's wire has one.
      if (namesModel.has(caller.id)) expect([whole.result.model, streamed.result.model]).toEqual(['small', 'small'])
    })
  })
})

function expectedGist({ behaviour }: Scenario): Partial<Gist> {
  const { text, reasoning, toolCalls = [], finishReason, usage } = behaviour.reply ?? {}
  return {
    text: [text ?? ''].flat().join(''),
    reasoning: [reasoning ?? ''].flat().join(''),
    calls: toolCalls.map(({ name, arguments: input }) => ({ name, input })),
    finishReason: finishReason ?? (toolCalls.length > 0 ? 'tool-calls' : 'stop'),
    ...(usage && {
      input: usage.input,
      cached: usage.cachedInput ?? 0,
      output: usage.output,
      reasoned: usage.reasoning ?? 0,
    }),
  }
}

function without(gist: Partial<Gist>, lost: readonly (keyof Gist)[]): Partial<Gist> {
  return Object.fromEntries(Object.entries(gist).filter(([key]) => !lost.includes(key as keyof Gist)))
}
