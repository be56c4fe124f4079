import { RequestRefused } from '../../dialect.ts'
import { isObject, isObjects, type WireObject, type WireRequest } from './wire.ts'

/** Refuses what Cohere refuses, in its words as far as clients look at them. */
export function validate(value: unknown): WireRequest {
  if (!isObject(value)) refuse('invalid json syntax: the body must be an object')
  const request: WireRequest = value
  if (request.model === undefined) refuse('model is required')
  if (typeof request.model !== 'string' || request.model === '') refuse('invalid type: model must be of type string')
  validateMessages(request.messages)
  validateTools(request)
  validateSampling(request)
  validateFormat(request)
  return request
}

const roles: readonly unknown[] = ['system', 'user', 'assistant', 'tool']

function validateMessages(messages: unknown): void {
  if (!isObjects(messages) || messages.length === 0) {
    refuse('invalid request: all elements in messages must be objects, and there must be one')
  }
  const called = new Set<unknown>()
  for (const [index, message] of messages.entries()) {
    const { role, content } = message
    const path = `messages[${index}]`
    if (!roles.includes(role)) refuse(`invalid request: ${path}.role must be one of ${roles.join(', ')}`)
    const calls = message['tool_calls'] ?? []
    if (role === 'assistant') {
      if (!isObjects(calls)) refuse(`invalid type: ${path}.tool_calls must be a list`)
      for (const call of calls) called.add(call['id'])
      if (calls.length === 0 && (content === undefined || content === '')) {
        refuse(`invalid request: ${path} must have content or tool_calls`)
      }
      continue
    }
    if (typeof content !== 'string' && !isObjects(content)) refuse(`invalid type: ${path}.content must be a string`)
    if (role === 'tool' && !called.has(message['tool_call_id'])) {
      refuse(`invalid request: ${path}.tool_call_id does not match a tool call`)
    }
    if (isObjects(content)) validateParts(content, role, path)
  }
}

const partsOf: Readonly<Record<string, readonly string[]>> = {
  system: ['text'],
  user: ['text', 'image_url', 'document'],
  tool: ['text', 'document'],
}

function validateParts(parts: readonly WireObject[], role: unknown, path: string): void {
  const known = partsOf[String(role)] ?? []
  for (const [index, part] of parts.entries()) {
    if (!known.includes(String(part['type'])))
      refuse(`invalid request: ${path}.content[${index}].type is not supported`)
    if (
      part['type'] === 'image_url' &&
      !(isObject(part['image_url']) && typeof part['image_url']['url'] === 'string')
    ) {
      refuse(`invalid request: ${path}.content[${index}].image_url.url is required`)
    }
  }
}

function validateTools({ tools, tool_choice: choice }: WireRequest): void {
  if (tools !== undefined && !isObjects(tools)) refuse('invalid type: tools must be a list')
  for (const [index, tool] of (tools ?? []).entries() as Iterable<[number, WireObject]>) {
    const definition = tool['function']
    if (!isObject(definition) || typeof definition['name'] !== 'string') {
      refuse(`invalid request: tools[${index}].function.name is required`)
    }
    if (!isObject(definition['parameters'])) refuse(`invalid request: tools[${index}].function.parameters is required`)
  }
  if (choice === undefined) return
  if (choice !== 'REQUIRED' && choice !== 'NONE') refuse('invalid request: tool_choice must be one of REQUIRED, NONE')
  if (!isObjects(tools) || tools.length === 0) refuse('invalid request: tool_choice needs tools')
}

const ranges: readonly (readonly [name: keyof WireRequest, least: number, most: number])[] = [
  ['temperature', 0, 2],
  ['p', 0.01, 0.99],
  ['k', 0, 500],
  ['frequency_penalty', 0, 1],
  ['presence_penalty', 0, 1],
  ['max_tokens', 0, Number.MAX_SAFE_INTEGER],
]

function validateSampling(request: WireRequest): void {
  for (const [name, least, most] of ranges) {
    const value = request[name]
    if (value === undefined || value === null) continue
    if (typeof value !== 'number')
      refuse(`invalid type: parameter ${name} is of type ${typeof value} but should be of type float.`)
    if (value < least || value > most) refuse(`invalid request: ${name} must be between ${least} and ${most}`)
  }
  const { stop_sequences: stops } = request
  if (stops !== undefined && !(Array.isArray(stops) && stops.length <= 5)) {
    refuse('invalid request: stop_sequences must have at most 5 elements')
  }
}

function validateFormat({ response_format: format, tools, documents, thinking }: WireRequest): void {
  if (isObject(thinking) && thinking['type'] !== 'enabled' && thinking['type'] !== 'disabled') {
    refuse('invalid request: thinking.type must be one of enabled, disabled')
  }
  if (format === undefined) return
  if (!isObject(format) || (format['type'] !== 'text' && format['type'] !== 'json_object')) {
    refuse('invalid request: response_format.type must be one of text, json_object')
  }
  const listed = [tools, documents].some((list) => Array.isArray(list) && list.length > 0)
  if (format['type'] === 'json_object' && listed) {
    refuse('invalid request: response_format is not supported with tools or documents')
  }
}

function refuse(message: string): never {
  throw new RequestRefused({ status: 400, message })
}
