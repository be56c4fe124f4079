import { SluiceError } from '@sluice/protocol'
import { expect, test } from 'vitest'
import { serveSilence } from '../../../engine/src/transport/contracts/loopback-server.ts'
import { Recorder } from '../../../engine/src/transport/contracts/recorder.ts'
import { requestTo } from '../../../engine/src/transport/contracts/rig.ts'
import { transportContract } from '../../../engine/src/transport/contracts/transport-contract.ts'
import { createUndiciTransport } from './undici.ts'

transportContract('undici', () => createUndiciTransport())

// Not in the contract: `fetch` reads ahead.
test('a body that is still arriving is not read when nobody can be reached, so that the call can be made again', async () => {
  const server = await serveSilence()
  await server.close()
  const transport = createUndiciTransport()
  let read = false
  const body = {
    size: 1,
    async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
      read = true
      yield new Uint8Array(1)
    },
  }
  const recorder = new Recorder()
  transport.send(requestTo(server.origin, { body }), recorder)
  const outcome = await recorder.outcomeOf()
  expect(outcome instanceof SluiceError && outcome.code).toBe('upstream_unreachable')
  expect(read).toBe(false)
  await transport.close()
})
