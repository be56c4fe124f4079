import { SluiceError } from '@sluice/protocol'
import type { Dispatch } from '../middleware/through-middleware.ts'
import type { Answer } from './answer.ts'
import type { AttemptGate, AttemptPass } from './attempt-gate.ts'
import type { Exchange } from './exchange.ts'
import type { Target } from './target.ts'

/** Makes attempts by way of their exchange's gate, where it has one. */
export function throughGate(dispatch: Dispatch): Dispatch {
  return (exchange, target, timeout) => {
    const { gate } = exchange
    return gate === undefined
      ? dispatch(exchange, target, timeout)
      : pass(gate, exchange, target, () => dispatch(exchange, target, timeout))
  }
}

async function pass(
  gate: AttemptGate,
  exchange: Exchange,
  target: Target,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  let heard: AttemptPass | undefined
  let call: Promise<Answer>
  try {
    heard = await gate.enter(target)
    if (exchange.aborted) throw new SluiceError('client_closed_request', 'The caller went away.')
    call = ask()
  } catch (error) {
    heard?.failed()
    // There is no call whose end would give the place back.
    target.state.limit?.leave()
    throw error
  }
  try {
    const answer = await call
    heard?.answered(answer)
    return answer
  } catch (error) {
    heard?.failed()
    throw error
  }
}
