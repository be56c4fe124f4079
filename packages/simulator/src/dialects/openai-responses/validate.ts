import { RequestRefused } from '../../dialect.ts'
import { isGiven, isObject, type WireObject } from '../openai-chat/wire.ts'

/** Refuses what OpenAI refuses, in its words as far as clients look at them. */
export function validate(request: unknown): WireObject {
  if (!isObject(request)) refuse('We could not parse the JSON body of your request: expected an object.')
  const { model, input, previous_response_id: previous, conversation, prompt } = request
  if (typeof model !== 'string' || model === '')
    refuse("Missing required parameter: 'model'.", 'model', 'missing_required_parameter')
  for (const name of chatOnly) {
    if (isGiven(request[name]))
      refuse(`Unsupported parameter: '${name}'. ${moved(name)}`, name, 'unsupported_parameter')
  }
  if (!isGiven(input) && !isGiven(prompt) && !isGiven(previous) && !isGiven(conversation)) {
    refuse("Missing required parameter: 'input'.", 'input', 'missing_required_parameter')
  }
  if (isGiven(input) && typeof input !== 'string' && !Array.isArray(input)) {
    refuse("Invalid type for 'input': expected one of a string or array of input items.", 'input', 'invalid_type')
  }
  if (isGiven(previous) && isGiven(conversation)) {
    refuse(
      "Mutually exclusive parameters: 'previous_response_id' and 'conversation'.",
      null,
      'mutually_exclusive_parameters',
    )
  }
  if (Array.isArray(input)) validateItems(input)
  validateNumbers(request)
  validateTools(request['tools'])
  return request
}

const chatOnly = [
  'messages',
  'max_tokens',
  'max_completion_tokens',
  'response_format',
  'n',
  'stop',
  'reasoning_effort',
  'functions',
]

function moved(name: string): string {
  if (name === 'messages') return "In the Responses API, this parameter has moved to 'input'."
  if (name === 'response_format') return "In the Responses API, this parameter has moved to 'text.format'."
  if (name === 'reasoning_effort') return "In the Responses API, this parameter has moved to 'reasoning.effort'."
  return name.startsWith('max_') ? "In the Responses API, this parameter is 'max_output_tokens'." : ''
}

const contentTypes: Readonly<Record<string, ReadonlySet<unknown>>> = {
  user: new Set(['input_text', 'input_image', 'input_file', 'input_audio']),
  assistant: new Set(['output_text', 'refusal']),
}

function validateItems(items: readonly unknown[]): void {
  const calls = new Set<unknown>()
  for (const [index, item] of items.entries()) {
    const at = `input[${index}]`
    if (!isObject(item)) refuse(`Invalid type for '${at}': expected an object.`, at, 'invalid_type')
    const { type, role, content, call_id: callId } = item
    if (type === 'function_call' || type === 'custom_tool_call') calls.add(callId)
    else if (type === 'function_call_output' || type === 'custom_tool_call_output') {
      if (!calls.has(callId))
        refuse(`No tool call found for function call output with call_id ${String(callId)}.`, 'input')
    } else if (type === undefined || type === 'message') {
      const known = contentTypes[role === 'assistant' ? 'assistant' : 'user']
      if (typeof role !== 'string')
        refuse(`Missing required parameter: '${at}.role'.`, `${at}.role`, 'missing_required_parameter')
      for (const [place, part] of (Array.isArray(content) ? content : []).entries()) {
        const partType: unknown = isObject(part) ? part['type'] : undefined
        if (known?.has(partType) === true) continue
        const values = [...(known ?? [])].map((value) => `'${String(value)}'`).join(', ')
        refuse(
          `Invalid value: '${String(partType)}'. Supported values are: ${values}.`,
          `${at}.content[${place}]`,
          'invalid_value',
        )
      }
    }
  }
}

function validateNumbers({ max_output_tokens: limit, temperature }: WireObject): void {
  if (isGiven(limit) && (!Number.isInteger(limit) || (limit as number) < 16)) {
    const message = `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got ${String(limit)} instead.`
    refuse(message, 'max_output_tokens', 'integer_below_min_value')
  }
  if (isGiven(temperature) && (typeof temperature !== 'number' || temperature < 0 || temperature > 2)) {
    refuse("Invalid 'temperature': expected a decimal from 0 to 2.", 'temperature', 'decimal_above_max_value')
  }
}

function validateTools(tools: unknown): void {
  if (!Array.isArray(tools)) return
  for (const [index, tool] of tools.entries()) {
    const type: unknown = isObject(tool) ? tool['type'] : undefined
    const param = `tools[${index}].${typeof type === 'string' ? 'name' : 'type'}`
    const named =
      type !== 'function' && type !== 'custom'
        ? typeof type === 'string'
        : typeof (tool as WireObject)['name'] === 'string'
    if (!named) refuse(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter')
  }
}

function refuse(message: string, param: string | null = null, code: string | null = null): never {
  throw new RequestRefused({ status: 400, message, type: 'invalid_request_error', param, code })
}
