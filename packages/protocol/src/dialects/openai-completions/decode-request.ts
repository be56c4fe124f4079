import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatRequest } from '../../ir/chat.ts'
import { decodeRequest as decodeChatRequest } from '../openai-chat/decode-request.ts'
import { isArray, isNumber, isRecord, isString, type WireObject } from '../../json/wire-object.ts'
import { dialectId, formId } from './wire.ts'

/** What a request need not say, since it is so anyway: nothing is lost without it. */
const defaults: Readonly<Record<string, (value: unknown) => boolean>> = {
  suffix: (value) => value === null || value === '',
  echo: (value) => value === null || value === false,
  best_of: (value) => value === null || value === 1,
  stream_options: () => true,
}

/** What means something else here than in `openai-chat`, or nothing. */
const ownMembers = ['echo', 'best_of', 'messages', 'tools', 'tool_choice', 'functions', 'function_call']

/**
 * Reads a `POST /completions` body (OpenAI API reference, "Create completion"): the prompt becomes the one message of
 * a user. Throws `invalid_request` for what only the API itself can be asked: several prompts, tokens, a suffix.
 */
export function decodeRequest(wire: unknown): ChatRequest {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', 'The body must be a JSON object.')
  const { prompt, logprobs, ...others } = wire
  const members: Record<string, unknown> = others
  if (!isString(members['model'])) throw refused('model', '`model` must be a string.')
  const content = readPrompt(prompt)
  const form: Record<string, unknown> = {}
  const own: Record<string, unknown> = {}
  if (!isString(prompt)) form['prompt'] = 'list'
  for (const [name, isDefault] of Object.entries(defaults)) {
    if (!(name in members) || !isDefault(members[name])) continue
    form[name] = members[name]
    delete members[name]
  }
  if ('suffix' in members) throw refused('suffix', suffixRefused)
  for (const name of ownMembers) {
    if (!(name in members)) continue
    own[name] = members[name]
    delete members[name]
  }
  const chat = { ...members, ...chatLogprobs(logprobs), messages: [{ role: 'user', content }] }
  const { extensions, ...request } = decodeChatRequest(chat)
  const { 'openai-chat/form': _, ...shared } = extensions ?? {}
  return {
    ...request,
    extensions: { ...shared, ...(Object.keys(own).length > 0 && { [dialectId]: own }), [formId]: form },
  }
}

function readPrompt(prompt: unknown): string {
  if (isString(prompt)) return prompt
  if (!isArray(prompt)) throw refused('prompt', '`prompt` must be a text.')
  const [first] = prompt
  if (isNumber(first) || isArray(first)) {
    throw refused(
      'prompt',
      'A prompt of tokens can be read only by the model that they are of, and its provider does not speak the completions API. Send the text.',
    )
  }
  if (prompt.length > 1) {
    throw refused(
      'prompt',
      'Several prompts in one request need a provider that speaks the completions API, and that of this model does not. Send one request for each prompt.',
    )
  }
  if (!isString(first)) throw refused('prompt', '`prompt` must be a text.')
  return first
}

const suffixRefused =
  'A text that is to lead up to a `suffix` needs a provider that speaks the completions API, and that of this model does not. Leave `suffix` out, or name another model.'

function refused(param: string, message: string): SluiceError {
  return new SluiceError('invalid_request', message, { param })
}

/** Here it is the number of rivals, and 0 wants the log probabilities without any. */
function chatLogprobs(logprobs: unknown): WireObject {
  if (logprobs === undefined) return {}
  return isNumber(logprobs) ? { logprobs: true, top_logprobs: logprobs } : { logprobs }
}
