import type { Endpoint } from '../endpoint.ts'
import { limitKind } from './rule-shape.ts'
import { ruleEndpoints } from './rules.ts'

/** What callers may ask for in a time. */
export const limitEndpoints: readonly Endpoint[] = ruleEndpoints(limitKind)
