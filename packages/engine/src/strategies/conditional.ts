import { firstAvailable } from './first-available.ts'
import type { StrategyKind } from './strategy.ts'

/** The first whose condition holds: the loop asks for no others. A name for what `first-available` then does. */
export const conditional: StrategyKind = { ...firstAvailable, name: 'conditional' }
