import { openaiChat, SluiceError } from '@sluice/protocol'
import { type Engine, listPrompts } from 'sluice'
import type { Authenticate } from '../pipeline/authenticate.ts'
import type { Call } from './call.ts'
import { callersOnly } from './callers-only.ts'
import { readBody } from './read-body.ts'
import { sendJson } from './respond.ts'
import type { Route } from './router.ts'

export interface PromptRouteParts {
  readonly authenticate: Authenticate
  readonly engine: Pick<Engine, 'prompts'>
  readonly maxBodyBytes: number
}

/** The prompts that there are, and what they come to. Requests name them as models. */
export function promptRoutes({ authenticate, engine, maxBodyBytes }: PromptRouteParts): readonly Route[] {
  const prompts = listPrompts(engine.prompts)

  async function list(call: Call): Promise<void> {
    sendJson(call, 200, { object: 'list', data: await prompts.list() })
  }

  async function render(call: Call): Promise<void> {
    const { prompt, variables } = readRequest(await readBody(call, maxBodyBytes))
    sendJson(call, 200, await prompts.render(prompt, variables))
  }

  return [
    { method: 'GET', path: '/api/llm/prompts', handler: callersOnly(authenticate, list) },
    { method: 'POST', path: '/api/llm/prompts/render', handler: callersOnly(authenticate, render) },
  ]
}

function readRequest(body: Uint8Array): { prompt: string; variables: Readonly<Record<string, unknown>> } {
  // The check of the bytes that every request gets.
  openaiChat.peek(body)
  const { prompt, variables = {} } = JSON.parse(new TextDecoder().decode(body)) as Readonly<Record<string, unknown>>
  if (typeof prompt !== 'string') {
    throw new SluiceError('invalid_request', '`prompt` must be the name of a prompt: `greeting`, or `greeting@2`.', {
      param: 'prompt',
    })
  }
  return { prompt, variables: variables as Readonly<Record<string, unknown>> }
}
