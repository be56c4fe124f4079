import type { CallOptions } from './call-engine.ts'
import type { ChatAnswer } from './chat-answer.ts'
import type { Ask } from './chat-client.ts'
import type { ChatInputRequest } from './chat-input.ts'
import { createToolRun, type RunToolsOptions } from './tool-run.ts'

/**
 * Asks, calls the tools that the model asks for, and tells it what they gave, until it asks for none.
 * @throws SluiceError as a `ToolRun` does; any error says by `hasSpent` what was used before.
 */
export async function runTools(
  ask: Ask,
  request: ChatInputRequest,
  given: RunToolsOptions,
  options: CallOptions,
): Promise<ChatAnswer> {
  const run = createToolRun(request, given)
  try {
    for (;;) {
      const whole = await run.hear(await ask(run.request, options), options.signal)
      if (whole !== undefined) return whole
    }
  } catch (error) {
    throw run.ended(error)
  }
}
