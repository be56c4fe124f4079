import type { Exchange } from '../dispatch/exchange.ts'
import { plainPolicy, type Route } from '../routing/route-plan.ts'
import { aborted, asSluiceError, type CallEngine, type CallOptions } from './call-engine.ts'
import type { Connection } from './connection.ts'

/**
 * A connection that is opened when it is first asked for something. Where that fails, what was asked fails with the same
 * error, and it is opened anew for the next.
 */
export function openLater(open: () => Promise<Connection>, close: Connection['close']): Connection {
  let opening: Promise<Connection> | undefined
  const opened = async (): Promise<Connection> => {
    try {
      return await (opening ??= open())
    } catch (error) {
      opening = undefined
      // What is loaded for it may not come.
      throw asSluiceError(error)
    }
  }
  // Awaited: a promise that is returned has its handler later, and runtimes report its failure until then.
  return {
    calls: callsOf(opened),
    listModels: async () => await (await opened()).listModels(),
    providers: async () => await (await opened()).providers(),
    health: async () => await (await opened()).health(),
    explain: async (request) => await (await opened()).explain(request),
    requireProvider: async (name) => await (await opened()).requireProvider(name),
    checkHealth: async (provider) => await (await opened()).checkHealth(provider),
    prompts: {
      list: async () => await (await opened()).prompts.list(),
      render: async (reference, variables) => await (await opened()).prompts.render(reference, variables),
    },
    close,
  }
}

function callsOf(opened: () => Promise<Connection>): CallEngine {
  const asked = new WeakMap<Exchange, CallOptions>()
  // Whose answer it is has come from there.
  let calls: CallEngine | undefined
  return {
    findRoute(exchange, options) {
      asked.set(exchange, options)
      return notYet
    },
    async attempt(exchange) {
      const found = (calls ??= (await opened()).calls)
      if (exchange.aborted) throw aborted(undefined)
      return await found.attempt(exchange, found.findRoute(exchange, asked.get(exchange) ?? {}))
    },
    originOf: (exchange, answer) => calls!.originOf(exchange, answer),
    costOf: async (exchange, answer, usage) => calls!.costOf(exchange, answer, usage),
  }
}

/** Stands for the route that is found when the connection is open. */
const notYet: Route = Object.freeze({
  name: '',
  only: undefined,
  candidates: [],
  strategy: { pick: ([first]) => first! },
  policy: plainPolicy,
} satisfies Route)
