/**
 * Calls back when this turn of the event loop is over, for all that asked in it one after the other. Answers that go out in
 * a row, and not each in the middle of reading others, cost less: `npm run bench -- --only non-streaming` shows it.
 */
export function createEndOfTurn(): (send: () => void) => void {
  let waiting: (() => void)[] = []

  function sendAll(): void {
    const all = waiting
    waiting = []
    for (const send of all) send()
  }

  return (send) => {
    if (waiting.length === 0) setImmediate(sendAll)
    waiting.push(send)
  }
}
