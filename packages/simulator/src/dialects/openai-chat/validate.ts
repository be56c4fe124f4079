import { RequestRefused } from '../../dialect.ts'
import type { WireMessage, WireRequest } from './wire.ts'
import { isGiven, isObject } from './wire.ts'

/** Refuses what OpenAI refuses, in its words as far as clients look at them. */
export function validate(value: unknown): WireRequest {
  if (!isObject(value)) refuse('We could not parse the JSON body of your request: expected an object.')
  const request: WireRequest = value
  if (!isGiven(request.model)) refuse('you must provide a model parameter')
  if (typeof request.model !== 'string') wrongType('model', 'a string', request.model)
  if (request.model === '') refuse('you must provide a model parameter')
  validateMessages(request.messages)

  number(request.temperature, 'temperature', 0, 2)
  number(request.top_p, 'top_p', 0, 1)
  number(request.frequency_penalty, 'frequency_penalty', -2, 2)
  number(request.presence_penalty, 'presence_penalty', -2, 2)
  integer(request.n, 'n', 1, 128)
  integer(request.max_tokens, 'max_tokens', 1)
  integer(request.max_completion_tokens, 'max_completion_tokens', 1)
  integer(request.top_logprobs, 'top_logprobs', 0, 20)
  boolean(request.stream, 'stream')
  boolean(request.logprobs, 'logprobs')
  boolean(request.parallel_tool_calls, 'parallel_tool_calls')

  if (isGiven(request.max_tokens) && isGiven(request.max_completion_tokens)) {
    refuse("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.")
  }
  if (Array.isArray(request.stop) && request.stop.length > 4) {
    tooLong('stop', 4, request.stop.length)
  }
  validateTools(request)
  needs(request.stream_options, 'stream_options', request.stream === true, "'stream' is enabled")
  needs(request.top_logprobs, 'top_logprobs', request.logprobs === true, "'logprobs' is enabled")
  return request
}

function validateMessages(messages: unknown): void {
  if (!isGiven(messages)) {
    refuse("Missing required parameter: 'messages'.", 'messages', 'missing_required_parameter')
  }
  if (!Array.isArray(messages)) wrongType('messages', 'an array of objects', messages)
  if (messages.length === 0) emptyArray('messages')
  let calls = false
  messages.forEach((message: unknown, index) => {
    const name = `messages[${index}]`
    if (!isObject(message)) wrongType(name, 'an object', message)
    const { role, content, tool_calls, tool_call_id } = message as WireMessage
    if (role === undefined) {
      refuse(`Missing required parameter: '${name}.role'.`, `${name}.role`, 'missing_required_parameter')
    }
    if (typeof role !== 'string') wrongType(`${name}.role`, 'a string', role)
    if (!roles.has(role)) {
      const supported = [...roles].map((known) => `'${known}'`).join(', ')
      refuse(`Invalid value: '${role}'. Supported values are: ${supported}.`, `${name}.role`, 'invalid_value')
    }
    if (isGiven(content) && typeof content !== 'string' && !Array.isArray(content)) {
      wrongType(`${name}.content`, 'one of a string or array of objects', content)
    }
    if (role !== 'user' && Array.isArray(content) && content.some(isImage)) {
      refuse(
        `Invalid '${name}'. Image URLs are only allowed for messages with role 'user', but this message with role '${role}' contains an image URL.`,
        name,
        'invalid_value',
      )
    }
    if (role === 'tool') {
      if (!calls) {
        refuse(
          "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
          `${name}.role`,
        )
      }
      if (typeof tool_call_id !== 'string') {
        refuse(
          `Missing required parameter: '${name}.tool_call_id'.`,
          `${name}.tool_call_id`,
          'missing_required_parameter',
        )
      }
    } else {
      calls = Array.isArray(tool_calls) && tool_calls.length > 0
    }
  })
}

function isImage(part: unknown): boolean {
  return isObject(part) && part['type'] === 'image_url'
}

const roles: ReadonlySet<string> = new Set(['system', 'assistant', 'user', 'function', 'tool', 'developer'])

function validateTools(request: WireRequest): void {
  const { tools } = request
  if (isGiven(tools)) {
    if (!Array.isArray(tools)) wrongType('tools', 'an array of objects', tools)
    if (tools.length === 0) emptyArray('tools')
    tools.forEach((tool: unknown, index) => {
      if (!isObject(tool)) wrongType(`tools[${index}]`, 'an object', tool)
      const kind = tool['type'] === 'custom' ? 'custom' : 'function'
      const definition = tool[kind]
      if (!isObject(definition) || typeof definition['name'] !== 'string') {
        const param = `tools[${index}].${kind}`
        refuse(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter')
      }
    })
  }
  const hasTools = isGiven(tools)
  needs(request.parallel_tool_calls, 'parallel_tool_calls', hasTools, "'tools' are specified")
  needs(
    request.tool_choice === 'none' ? undefined : request.tool_choice,
    'tool_choice',
    hasTools,
    "'tools' are specified",
  )
}

function needs(value: unknown, param: string, condition: boolean, when: string): void {
  if (isGiven(value) && !condition) {
    refuse(`Invalid value for '${param}': '${param}' is only allowed when ${when}.`, param)
  }
}

function number(value: unknown, param: string, minimum: number, maximum: number): void {
  if (!isGiven(value)) return
  if (typeof value !== 'number') wrongType(param, 'a decimal', value)
  if (value < minimum) outOfRange('decimal_below_min_value', param, `>= ${minimum}`, value)
  if (value > maximum) outOfRange('decimal_above_max_value', param, `<= ${maximum}`, value)
}

function integer(value: unknown, param: string, minimum: number, maximum = Infinity): void {
  if (!isGiven(value)) return
  if (!Number.isInteger(value)) wrongType(param, 'an integer', value)
  if ((value as number) < minimum) outOfRange('integer_below_min_value', param, `>= ${minimum}`, value)
  if ((value as number) > maximum) outOfRange('integer_above_max_value', param, `<= ${maximum}`, value)
}

function boolean(value: unknown, param: string): void {
  if (isGiven(value) && typeof value !== 'boolean') wrongType(param, 'a boolean', value)
}

function outOfRange(code: string, param: string, expected: string, value: unknown): never {
  const kind = code.startsWith('decimal') ? 'decimal' : 'integer'
  const side = code.includes('below') ? 'below minimum' : 'above maximum'
  refuse(
    `Invalid '${param}': ${kind} ${side} value. Expected a value ${expected}, but got ${String(value)} instead.`,
    param,
    code,
  )
}

function emptyArray(param: string): never {
  refuse(
    `Invalid '${param}': empty array. Expected an array with minimum length 1, but got an empty array instead.`,
    param,
    'empty_array',
  )
}

function tooLong(param: string, maximum: number, length: number): never {
  refuse(
    `Invalid '${param}': array too long. Expected an array with maximum length ${maximum}, ` +
      `but got an array with length ${length} instead.`,
    param,
    'array_above_max_length',
  )
}

function wrongType(param: string, expected: string, value: unknown): never {
  refuse(`Invalid type for '${param}': expected ${expected}, but got ${nameOf(value)} instead.`, param, 'invalid_type')
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (Number.isInteger(value)) return 'an integer'
  return typeof value === 'number' ? 'a decimal number' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function refuse(message: string, param: string | null = null, code: string | null = null): never {
  throw new RequestRefused({ status: 400, message, type: 'invalid_request_error', param, code })
}
