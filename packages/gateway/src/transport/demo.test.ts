import { SluiceError } from '@sluice/protocol'
import type { Transport, UpstreamReceiver, UpstreamRequest } from 'sluice'
import { expect, test } from 'vitest'
import { configuredDemo, withDemo } from './demo.ts'

const request: UpstreamRequest = {
  destination: { origin: new URL(configuredDemo.baseUrl).origin, path: '/v1/models', headers: [] },
  method: 'GET',
  body: [],
  timeouts: { connect: 1000, firstByte: 1000, idle: 1000 },
}

function listen(): { receiver: UpstreamReceiver; errors: SluiceError[] } {
  const errors: SluiceError[] = []
  return { errors, receiver: { start() {}, data() {}, end() {}, error: (error) => errors.push(error) } }
}

const nowhere: Transport = {
  send: (sent, receiver) => {
    receiver.error(new SluiceError('upstream_unreachable', `sent to ${sent.destination.origin}`))
    return { pause() {}, resume() {}, cancel() {} }
  },
  close: () => Promise.resolve(),
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a demo that cannot start fails the call, but not one that was given up', async () => {
  const transport = withDemo(nowhere, () => Promise.reject(new Error('no port is free')))
  const [kept, left] = [listen(), listen()]
  transport.send(request, kept.receiver)
  transport.send(request, left.receiver).cancel()
  await settled()
  expect(kept.errors.map(({ message }) => message)).toEqual(['The demo provider could not be started.'])
  expect(left.errors).toEqual([])
  await transport.close()
})

test('a demo that could not start is started again by the next call', async () => {
  let failures = 0
  const transport = withDemo(nowhere, () =>
    failures++ === 0
      ? Promise.reject(new Error('no port is free'))
      : Promise.resolve({ origin: 'http://127.0.0.1:9', close: () => Promise.resolve() }),
  )
  const [first, second] = [listen(), listen()]
  transport.send(request, first.receiver)
  await settled()
  transport.send(request, second.receiver)
  await settled()
  expect(second.errors.map(({ message }) => message)).toEqual(['sent to http://127.0.0.1:9'])
})

test('closing does not fail where the demo is still failing to start', async () => {
  const transport = withDemo(nowhere, () => Promise.reject(new Error('no port is free')))
  transport.send(request, listen().receiver)
  await expect(transport.close()).resolves.toBeUndefined()
})
