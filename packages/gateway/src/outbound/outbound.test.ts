import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SluiceError } from '@sluice/protocol'
import type { OutboundConfig, Transport, UpstreamRequest } from 'sluice'
import { expect, onTestFinished, test } from 'vitest'
import type { Lookup } from './lookup.ts'
import { createOutbound } from './outbound.ts'

const strict: OutboundConfig = { allow: [], http: false, ports: [443] }
const nowhere: Lookup = () => Promise.reject(new Error('nothing is to be looked up'))

/** Gives each look-up the next of these, and the last for ever. */
function answers(...all: readonly (readonly string[])[]): Lookup & { readonly asked: string[] } {
  const asked: string[] = []
  const lookup: Lookup = (hostname) => {
    const addresses = all[Math.min(asked.length, all.length - 1)] ?? []
    asked.push(hostname)
    return Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })))
  }
  return Object.assign(lookup, { asked })
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'fine'
  } catch (error) {
    if (error instanceof SluiceError) return error.code
    throw error
  }
}

test.each([
  'https://127.0.0.1/v1',
  'https://127.1/v1',
  'https://2130706433/',
  'https://0x7f.0.0.1/',
  'https://0177.0.0.1/',
  'https://017700000001/',
  'https://0/',
  'https://１２７.0.0.1/',
  'https://169.254.169.254/latest/meta-data',
  'https://0xa9fea9fe/',
  'https://100.100.100.200/',
  'https://10.0.0.1/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:a9fe:a9fe]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[2002:7f00:1::]/',
  'https://[fd00:ec2::254]/',
  'https://[fe80::1]/',
  'http://8.8.8.8/',
  'https://8.8.8.8:22/',
  'https://8.8.8.8:8443/',
  'ftp://8.8.8.8/',
])('%s is refused without a look-up', async (url) => {
  const { check } = createOutbound(strict, nowhere)
  expect(await codeOf(check(url))).toBe('destination_not_allowed')
})

test.each([
  '',
  'models',
  'file:///etc/passwd',
  '//models.example.com',
  'https://',
  'https://user@8.8.8.8/',
  'https://:p@8.8.8.8/',
])('%j is no base URL', async (url) =>
  expect(await codeOf(createOutbound(strict, nowhere).check(url))).toBe('invalid_request'),
)

test.each(['https://models.example.com./v1', 'https://8.8.8.8/v1#x'])('%s is not taken as it is', async (url) => {
  expect(await codeOf(createOutbound(strict, answers(['8.8.8.8'])).check(url))).toBe('invalid_request')
})

test.each<[addresses: string[], code: string]>([
  [['8.8.8.8'], 'fine'],
  [['2606:4700::1111', '8.8.8.8'], 'fine'],
  [['127.0.0.1'], 'destination_not_allowed'],
  [['8.8.8.8', '10.0.0.1'], 'destination_not_allowed'],
  [['2606:4700::1111', 'fe80::1'], 'destination_not_allowed'],
  [['::ffff:8.8.8.8'], 'destination_not_allowed'],
  [['64:ff9b::808:808'], 'destination_not_allowed'],
  [[], 'invalid_request'],
])('a host that leads to %j: %s', async (addresses, code) => {
  const { check } = createOutbound(strict, answers(addresses))
  expect(await codeOf(check('https://models.example.com/v1'))).toBe(code)
})

test('what is said of a refused host is not where it leads', async () => {
  const { check } = createOutbound(strict, answers(['10.77.66.55']))
  await expect(check('https://models.example.com/')).rejects.toMatchObject({
    message: expect.stringMatching(/^"models\.example\.com" leads to (?!.*10\.77).*server\.outbound\.allow/),
    param: 'base_url',
  })
})

test.each<[allow: string, url: string, addresses: string[], code: string]>([
  ['models.internal', 'https://models.internal/v1', ['10.0.0.1'], 'fine'],
  ['models.internal', 'https://Models.INTERNAL/v1', ['10.0.0.1'], 'fine'],
  ['models.internal', 'http://models.internal/v1', ['10.0.0.1'], 'destination_not_allowed'],
  ['models.internal', 'https://models.internal:8000/v1', ['10.0.0.1'], 'destination_not_allowed'],
  ['models.internal', 'https://x.models.internal/v1', ['10.0.0.1'], 'destination_not_allowed'],
  ['10.1.0.0/16', 'https://models.example.com/v1', ['10.1.2.3'], 'fine'],
  ['10.1.0.0/16', 'https://models.example.com/v1', ['10.2.2.3'], 'destination_not_allowed'],
  ['10.1.0.0/16', 'https://models.example.com/v1', ['10.1.2.3', '127.0.0.1'], 'destination_not_allowed'],
  ['10.1.2.3', 'https://10.1.2.3/v1', [], 'fine'],
  ['fd12::/16', 'https://[fd12::1]/v1', [], 'fine'],
  ['http://models.internal:8000', 'http://models.internal:8000/v1', ['10.0.0.1'], 'fine'],
  ['http://models.internal:8000', 'http://models.internal:8001/v1', ['10.0.0.1'], 'destination_not_allowed'],
  ['http://models.internal:8000', 'https://models.internal/v1', ['10.0.0.1'], 'destination_not_allowed'],
  ['http://127.0.0.1:8000', 'http://127.0.0.1:8000/v1', [], 'fine'],
])('with %s allowed, %s at %j: %s', async (allow, url, addresses, code) => {
  const { check } = createOutbound({ ...strict, allow: [allow] }, answers(addresses))
  expect(await codeOf(check(url))).toBe(code)
})

test.each(['10.1.0.0/40', 'models.internal/8', 'http://models.internal/v1', 'models.internal:8000', '[::1]'])(
  'config is told that %j says nothing',
  (entry) => expect(() => createOutbound({ ...strict, allow: [entry] })).toThrow('server.outbound.allow'),
)

/** A server on loopback, and how often it was called. */
async function serve(): Promise<{ port: number; calls: string[] }> {
  const calls: string[] = []
  const server: Server = createServer((request, response) => {
    calls.push(request.headers.host ?? '')
    response.setHeader('connection', 'close')
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await new Promise((resolve) => server.close(resolve))
  })
  return { port: (server.address() as AddressInfo).port, calls }
}

function ask(transport: Transport, origin: string): Promise<number> {
  const request: UpstreamRequest = {
    destination: { origin, path: '/v1/models', headers: [] },
    method: 'GET',
    body: [],
    timeouts: { connect: 5000, firstByte: 5000, idle: 5000 },
  }
  return new Promise((resolve, reject) => {
    let status = 0
    transport.send(request, {
      start: (said) => void (status = said),
      data: () => {},
      end: () => resolve(status),
      error: reject,
    })
  })
}

function carrier(config: OutboundConfig, lookup: Lookup): Transport {
  const outbound = createOutbound(config, lookup)
  onTestFinished(() => outbound.close())
  return outbound.transport()
}

test('connects to the address that was looked at', async () => {
  const { port, calls } = await serve()
  const lookup = answers(['127.0.0.1'])
  const transport = carrier({ allow: ['127.0.0.1'], http: true, ports: [port] }, lookup)
  expect(await ask(transport, `http://models.example.com:${port}`)).toBe(200)
  expect(calls).toEqual([`models.example.com:${port}`])
  expect(lookup.asked).toEqual(['models.example.com'])
})

test('a host that is another one at the next look reaches nobody: not at the check, not at a connection', async () => {
  const { port, calls } = await serve()
  const config = { allow: ['127.0.0.1'], http: true, ports: [port] }
  const lookup = answers(['8.8.8.8'], ['127.0.0.1'], ['127.0.0.2'], ['127.0.0.1', '127.0.0.2'], ['::1'])
  const outbound = createOutbound(config, lookup)
  onTestFinished(() => outbound.close())
  const origin = `http://models.example.com:${port}`
  await outbound.check(origin)
  expect(await ask(outbound.transport(), origin)).toBe(200)
  // The server ends each connection, so that each call makes a new one.
  for (let round = 0; round < 3; round++)
    expect(await codeOf(ask(outbound.transport(), origin))).toBe('destination_not_allowed')
  expect(calls).toHaveLength(1)
})

test.each(['127.0.0.1', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '[::1]'])(
  'a call to %s itself is refused, though nothing is looked up',
  async (host) => {
    const { port, calls } = await serve()
    const transport = carrier({ allow: [], http: true, ports: [port] }, nowhere)
    const origin = new URL(`http://${host}:${port}`).origin
    expect(await codeOf(ask(transport, origin))).toBe('destination_not_allowed')
    expect(calls).toEqual([])
  },
)

test('rules that became stricter count at once', async () => {
  const { port, calls } = await serve()
  for (const config of [
    { allow: ['127.0.0.1'], http: false, ports: [port] },
    { allow: ['127.0.0.1'], http: true, ports: [443] },
  ]) {
    const transport = carrier(config, answers(['127.0.0.1']))
    expect(await codeOf(ask(transport, `http://models.example.com:${port}`))).toBe('destination_not_allowed')
  }
  expect(calls).toEqual([])
})

test('a host that is not known cannot be reached, which is no refusal', async () => {
  const unknown: Lookup = () => Promise.reject(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }))
  expect(await codeOf(ask(carrier(strict, unknown), 'https://models.example.com'))).toBe('upstream_unreachable')
  expect(await codeOf(ask(carrier(strict, answers([])), 'https://models.example.com'))).toBe('upstream_unreachable')
})

test('redirects are not followed', async () => {
  const { port: inside, calls } = await serve()
  const server = createServer((_, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${inside}/`, connection: 'close' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  const transport = carrier({ allow: ['127.0.0.1'], http: true, ports: [port, inside] }, answers(['127.0.0.1']))
  expect(await codeOf(ask(transport, `http://models.example.com:${port}`))).toBe('upstream_invalid_response')
  expect(calls).toEqual([])
})
