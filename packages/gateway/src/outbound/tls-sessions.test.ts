import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls'
import type { Transport, UpstreamRequest } from 'sluice'
import { expect, onTestFinished, test } from 'vitest'
import type { Lookup } from './lookup.ts'
import { createOutbound } from './outbound.ts'

const host = 'models.example.com'

/** ASN.1 by its distinguished encoding rules. https://www.itu.int/rec/T-REC-X.690 */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const head =
    length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from(head), content])
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')

/** A certificate that speaks for itself, RFC 5280, section 4.1. */
function selfSigned(name: string, { publicKey, privateKey }: Record<'publicKey' | 'privateKey', KeyObject>): string {
  const ecdsaWithSha256 = sequence(bytes('06082a8648ce3d040302'))
  const commonName = sequence(der(0x31, sequence(bytes('0603550403'), der(0x0c, Buffer.from(name)))))
  const alternativeName = sequence(bytes('0603551d11'), der(0x04, sequence(der(0x82, Buffer.from(name)))))
  const signed = sequence(
    bytes('a003020102'),
    bytes('020101'),
    ecdsaWithSha256,
    commonName,
    sequence(der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z'))),
    commonName,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(alternativeName)),
  )
  const signature = der(0x03, Buffer.of(0), sign('sha256', signed, privateKey))
  const text = sequence(signed, ecdsaWithSha256, signature).toString('base64')
  return `-----BEGIN CERTIFICATE-----\n${text.replaceAll(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`
}

/** A server on loopback that is trusted to be `host`, and whether each of its connections resumed a session. */
async function serve(): Promise<{ readonly port: number; readonly resumed: boolean[] }> {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const cert = selfSigned(host, pair)
  const trusted = getCACertificates()
  setDefaultCACertificates([...trusted, cert])
  const resumed: boolean[] = []
  const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' })
  const server = createServer({ key, cert }, (_, response) => {
    response.setHeader('connection', 'close')
    response.end('{}')
  })
  server.on('secureConnection', (socket: TLSSocket) => resumed.push(socket.isSessionReused()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    setDefaultCACertificates(trusted)
    await new Promise((resolve) => server.close(resolve))
  })
  return { port: (server.address() as AddressInfo).port, resumed }
}

function ask(transport: Transport, origin: string): Promise<unknown> {
  const request: UpstreamRequest = {
    destination: { origin, path: '/v1/models', headers: [] },
    method: 'GET',
    body: [],
    timeouts: { connect: 5000, firstByte: 5000, idle: 5000 },
  }
  return new Promise((resolve) => {
    let status = 0
    transport.send(request, {
      start: (said) => void (status = said),
      data: () => {},
      end: () => resolve(status),
      error: ({ code }) => resolve(code),
    })
  })
}

function carrier(port: number, lookup: Lookup): Transport {
  const outbound = createOutbound({ allow: ['127.0.0.1'], http: false, ports: [port] }, lookup)
  onTestFinished(() => outbound.close())
  return outbound.transport()
}

test('a TLS session is resumed, and only at an address that was looked at', async () => {
  const { port, resumed } = await serve()
  let address = '127.0.0.1'
  const transport = carrier(port, async () => [{ address, family: 4 }])
  // The runtime may forget one at any time.
  await expect
    .poll(async () => {
      expect(await ask(transport, `https://${host}:${port}`)).toBe(200)
      return resumed.at(-1)
    })
    .toBe(true)
  const { length } = resumed
  address = '127.0.0.2'
  expect(await ask(transport, `https://${host}:${port}`)).toBe('destination_not_allowed')
  expect(resumed).toHaveLength(length)
})

test('who has a session under one name is asked for its certificate under another', async () => {
  const { port } = await serve()
  const transport = carrier(port, async () => [{ address: '127.0.0.1', family: 4 }])
  for (let round = 0; round < 3; round++) {
    expect(await ask(transport, `https://${host}:${port}`)).toBe(200)
    expect(await ask(transport, `https://other.example.com:${port}`)).toBe('upstream_unreachable')
  }
})
