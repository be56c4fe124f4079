import type { RouteRequest } from './route-request.ts'

/** An expression of config. */
export interface Condition {
  /** As written. */
  readonly text: string
  holds(request: RouteRequest): boolean
}

/**
 * How a condition is read.
 * @throws SluiceError `invalid_config` for what is no expression, or says something else than true or false.
 */
export type ReadCondition = (text: string) => Condition
