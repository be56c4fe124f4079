import type { IncomingMessage } from 'node:http'
import { type Dialect, openaiChat, SluiceError } from '@sluice/protocol'
import type { Authenticate } from '../pipeline/authenticate.ts'
import type { Principal } from '../pipeline/principal.ts'
import type { Call, Handler } from './call.ts'
import { sendError } from './respond.ts'

/** A handler that knows who calls. @param dialectOf in which errors are told; default: OpenAI's. */
export function callersOnly(
  authenticate: Authenticate,
  handler: (call: Call, principal: Principal) => Promise<void> | void,
  dialectOf: (request: IncomingMessage) => Dialect = () => openaiChat,
): Handler {
  return async (call) => {
    try {
      await handler(call, await authenticate(call.request))
    } catch (thrown) {
      if (!(thrown instanceof SluiceError)) throw thrown
      sendError(call, thrown, dialectOf(call.request), 0)
    }
  }
}
