import type { Handler } from '../server/call.ts'
import type { Route } from '../server/router.ts'
import type { OpenResponses, ResponsesOptions } from './open-responses.ts'
import type { ResponseHandlers } from './response-handlers.ts'
import type { ResponseTurns } from './response-turn.ts'

/** The state of the Responses API: what requests go on from, and the routes by which it is seen. */
export interface Responses {
  readonly turns: ResponseTurns
  readonly routes: readonly Route[]
  close(): Promise<void>
}

/** Nothing of it is loaded before the first request that has to do with it. */
export function composeResponses(options: ResponsesOptions): Responses {
  let opening: Promise<OpenResponses> | undefined
  async function load(): Promise<OpenResponses> {
    const { openResponses } = await import('./open-responses.ts')
    return openResponses(options)
  }
  const opened = (): Promise<OpenResponses> => (opening ??= load())
  const handler =
    (name: keyof ResponseHandlers): Handler =>
    async (call) =>
      (await opened()).handlers[name](call)
  const path = '/responses/*'
  return {
    turns: { begin: async (...request) => (await opened()).turns.begin(...request) },
    routes: [
      { method: 'GET', path, handler: handler('show') },
      { method: 'DELETE', path, handler: handler('remove') },
      { method: 'POST', path, handler: handler('cancel') },
    ],
    close: async () => (await opening)?.close(),
  }
}
