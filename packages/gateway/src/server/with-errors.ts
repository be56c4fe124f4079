import { openaiChat, type SluiceError } from '@sluice/protocol'
import { asSluiceError } from '../pipeline/pipeline.ts'
import type { ErrorLog } from '../telemetry/error-log.ts'
import type { Call, Handler } from './call.ts'
import { sendError } from './respond.ts'

/** Logs what a handler throws, and tells it to the caller. @param tell default: as OpenAI's API does. */
export function withErrors(handler: Handler, errorLog: ErrorLog, tell: TellError = tellAsOpenAI): Handler {
  return async (call) => {
    try {
      await handler(call)
    } catch (thrown) {
      const error = asSluiceError(thrown)
      errorLog(call, error, [])
      tell(call, error)
    }
  }
}

export type TellError = (call: Call, error: SluiceError) => void

function tellAsOpenAI(call: Call, error: SluiceError): void {
  sendError(call, error, openaiChat, 0)
}
