import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { startSimulator } from '@sluice/simulator'
import { expect, test } from 'vitest'
import { transportContract } from './contracts/transport-contract.ts'
import { createFetchTransport } from './fetch.ts'

transportContract('fetch', () => createFetchTransport())

test.each(['hang-before-head', 'hang-mid-stream'] as const)(
  'cancelling closes the connection also after garbage was collected (%s)',
  async (behaviour) => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    await using simulator = await startSimulator({ always: behaviour })
    const transport = createFetchTransport()
    let heard = 0
    const flow = transport.send(
      {
        destination: {
          origin: simulator.origin,
          path: '/v1/chat/completions',
          headers: ['content-type', 'application/json'],
        },
        method: 'POST',
        body: [new TextEncoder().encode('{"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]}')],
        timeouts: { connect: 0, firstByte: 0, idle: 0 },
      },
      { start: () => heard++, data: () => heard++, end: () => undefined, error: () => undefined },
    )
    await expect.poll(() => simulator.requests.length).toBe(1)
    if (behaviour === 'hang-mid-stream') await expect.poll(() => heard).toBeGreaterThan(1)
    for (let round = 0; round < 3; round++) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      collectGarbage()
    }
    flow.cancel()
    await expect.poll(() => simulator.requests[0]?.outcome).toBe('aborted')
    await transport.close()
  },
)
