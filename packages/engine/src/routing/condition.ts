import { Environment } from '@marcbachmann/cel-js'
import { SluiceError } from '@sluice/protocol'
import type { Condition } from './route-condition.ts'
import type { RouteRequest } from './route-request.ts'

/**
 * An expression in the Common Expression Language over `model`, `operation`, `stream`, `size`, `params`, `metadata`,
 * `headers` and `principal`, that says whether a target is for a request:
 * `stream && params.?temperature.orValue(1) < 0.5`. https://cel.dev
 *
 * One that fails on a request, as for a member that is not there, does not hold.
 *
 * @throws SluiceError `invalid_config` for what is no expression, or says something else than true or false.
 */
export function compileCondition(text: string): Condition {
  try {
    const environment = new Environment({ unlistedVariablesAreDyn: false, enableOptionalTypes: true })
      .registerVariable('model', 'string')
      .registerVariable('operation', 'string')
      .registerVariable('stream', 'bool')
      .registerVariable('size', 'int')
      .registerVariable('params', 'map')
      .registerVariable('metadata', 'map')
      .registerVariable('headers', 'map')
      .registerVariable('principal', 'string')
    const expression = environment.parse(text)
    const { valid, type, error } = expression.check()
    if (!valid) throw error ?? new Error('it is not valid')
    if (type !== 'bool' && type !== 'dyn') throw new Error(`it says a ${type}, not true or false`)
    return { text, holds: (request) => holds(expression, request) }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    throw new SluiceError('invalid_config', `The condition ${JSON.stringify(text)} cannot be read: ${reason}`, {
      cause,
    })
  }
}

function holds(expression: (variables: Record<string, unknown>) => unknown, request: RouteRequest): boolean {
  try {
    return expression(variablesOf(request)) === true
  } catch {
    return false
  }
}

/** Getters, so that the body is only parsed for an expression that looks into it. */
function variablesOf(request: RouteRequest): Record<string, unknown> {
  return {
    model: request.model ?? '',
    operation: request.operation,
    stream: request.stream,
    size: BigInt(request.size),
    principal: request.principal,
    headers: request.headers,
    get params() {
      return request.params
    },
    get metadata() {
      const { metadata } = request.params
      return typeof metadata === 'object' && metadata !== null ? metadata : {}
    },
  }
}
