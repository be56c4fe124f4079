import { describe, expect, test } from 'vitest'
import { type ChatRequest, openInProcess, type OpenFrontDoor, openOverHttp } from './front-door.ts'
import { scenarios } from './scenarios.ts'

const doors: readonly (readonly [string, OpenFrontDoor])[] = [
  ['in process', openInProcess],
  ['over HTTP', openOverHttp],
]

const usual: ChatRequest = { model: 'small', messages: [{ role: 'user', content: 'Tell me' }], temperature: 0.5 }

// Both doors are held to the same list, so that the library and the gateway cannot come to differ.
describe.each(doors)('%s', (_name, open) => {
  describe.each([
    ['whole', false],
    ['streamed', true],
  ] as const)('%s', (manner, stream) => {
    const meant = scenarios.filter(({ only }) => only === undefined || only === manner)

    test.each(meant)('$title', async (scenario) => {
      const { config = {}, behaviours = [], upstreamModel = 'small', upstreamRequests = 1, outcome } = scenario
      await using door = await open(config)
      const { simulator } = door
      simulator.next(...behaviours)
      const request = { ...usual, ...scenario.request }
      expect(await door.ask(request, stream)).toMatchObject({ error: undefined, ...outcome })

      const heard = simulator.requests.filter(({ method }) => method === 'POST')
      expect(heard).toHaveLength(upstreamModel === null ? 0 : upstreamRequests)
      const streaming = stream ? { stream: true, stream_options: { include_usage: true } } : {}
      for (const sent of heard) {
        expect(sent.json()).toEqual({ ...request, model: upstreamModel, ...streaming })
        expect(sent.header('authorization')).toBe('Bearer upstream-key')
      }
    })
  })
})
