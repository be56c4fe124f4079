import { SluiceError } from '@sluice/protocol'
import type { Dispatch } from '../middleware/through-middleware.ts'
import type { Abortable } from './abortable.ts'
import type { Answer } from './answer.ts'
import type { AttemptPass } from './attempt-gate.ts'
import type { Exchange } from './exchange.ts'
import type { Target } from './target.ts'

/** Makes attempts by way of their exchange's gate, where it has one. */
export function throughGate(dispatch: Dispatch): Dispatch {
  return (exchange, target, timeout) => {
    const { gate } = exchange
    if (gate === undefined) return dispatch(exchange, target, timeout)
    const ask = (): Promise<Answer> => dispatch(exchange, target, timeout)
    const entered = gate.enter(target)
    return entered instanceof Promise ? waitFor(entered, exchange, target, ask) : heard(ask, entered)
  }
}

/** What is to be given up of an attempt that waits for its gate, and then of its call. */
class Waiting implements Abortable {
  aborted = false
  call: Abortable | undefined

  abort(): void {
    this.aborted = true
    this.call?.abort()
  }
}

async function waitFor(
  entering: Promise<AttemptPass | undefined>,
  exchange: Exchange,
  target: Target,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const waiting = new Waiting()
  exchange.underWay = waiting
  let call: Promise<Answer>
  try {
    const pass = await entering
    if (waiting.aborted || exchange.aborted) {
      pass?.failed()
      throw new SluiceError('client_closed_request', 'The caller went away.')
    }
    // Others may be under way beside it by now: whoever gives all of them up has this one by `waiting`.
    const before = exchange.underWay
    call = heard(ask, pass)
    // Unchanged where nobody is called: what is there then is this wait itself, or others'.
    if (exchange.underWay !== before) waiting.call = exchange.underWay
    exchange.underWay = before
  } catch (error) {
    // There is no call whose end would give the place back.
    target.state.limit?.leave()
    throw error
  }
  return call
}

function heard(ask: () => Promise<Answer>, pass: AttemptPass | undefined): Promise<Answer> {
  if (pass === undefined) return ask()
  const failed = (error: unknown): never => {
    pass.failed()
    throw error
  }
  let call: Promise<Answer>
  try {
    call = ask()
  } catch (error) {
    return failed(error)
  }
  return call.then((answer) => {
    pass.answered(answer)
    return answer
  }, failed)
}
