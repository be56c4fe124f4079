import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime'
import { expect, it } from 'vitest'
import type { UpstreamRequest } from '../../transport/transport.ts'
import { awsSigV4, type Identity } from '../auth.ts'
import { Secret } from '../secret.ts'
import { createSigV4Authorizer } from './sigv4.ts'

const timeouts = { connect: 0, firstByte: 0, idle: 0 }

function identityOf(service: string, region: string, credentials: Record<string, string>): Identity {
  const secrets = Object.entries(credentials).map(([name, value]) => [name, new Secret(value)] as const)
  return { scheme: awsSigV4(service), credentials: Object.fromEntries(secrets), settings: { region } }
}

async function sign(
  identity: Identity,
  request: Omit<UpstreamRequest, 'timeouts'>,
  at: string,
): Promise<Record<string, string>> {
  const { scheme } = identity
  if (scheme.type !== 'aws-sigv4') throw new TypeError('another scheme')
  const authorizer = createSigV4Authorizer(scheme, identity, { now: () => Date.parse(at) })
  return pairs(await authorizer.authorize({ ...request, timeouts }))
}

function pairs(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1] ?? '']] : [])))
}

// "get-vanilla" of the test suite that AWS publishes for Signature Version 4.
it('signs as the published example', async () => {
  const identity = identityOf('service', 'us-east-1', {
    access_key_id: 'AKIDEXAMPLE',
    secret_access_key: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  })
  const destination = { origin: 'https://example.amazonaws.com', path: '/', headers: [] }
  expect(await sign(identity, { destination, method: 'GET', body: [] }, '2015-08-30T12:36:00Z')).toEqual({
    'x-amz-date': '20150830T123600Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, ' +
      'Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  })
})

interface SdkRequest {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string | Uint8Array
}

it.each([
  ['anthropic.claude-sonnet-5-5-v1:0', undefined],
  ['arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.amazon.nova-lite-v1:0', 'session/token+='],
])("signs a call about %s as AWS's own SDK does", async (modelId, sessionToken) => {
  const sent: SdkRequest[] = []
  const client = new BedrockRuntimeClient({
    region: 'eu-central-1',
    credentials: {
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'secret',
      ...(sessionToken !== undefined && { sessionToken }),
    },
    maxAttempts: 1,
    requestHandler: {
      handle(request: SdkRequest) {
        sent.push(request)
        return Promise.reject(new Error('seen enough'))
      },
    } as never,
  })
  // The SDK would sign headers, too, that others do not send.
  const strip = (next: (args: { request: SdkRequest }) => unknown) => (args: { request: SdkRequest }) => {
    for (const name of ['amz-sdk-invocation-id', 'amz-sdk-request', 'content-length']) delete args.request.headers[name]
    return next(args)
  }
  client.middlewareStack.addRelativeTo(strip as never, { relation: 'before', toMiddleware: 'httpSigningMiddleware' })
  const messages = [{ role: 'user' as const, content: [{ text: 'Grüße – ”hello” 👋' }] }]
  await expect(client.send(new ConverseCommand({ modelId, messages }))).rejects.toThrow('seen enough')
  const [request] = sent
  if (request === undefined) throw new Error('the SDK sent nothing')

  const [, signedHeaders = '', signature] =
    /SignedHeaders=([^,]+), Signature=(\w+)/.exec(request.headers['authorization'] ?? '') ?? []
  const own = new Set(['host', 'x-amz-date', 'x-amz-security-token'])
  const headers = signedHeaders.split(';').flatMap((name) => (own.has(name) ? [] : [name, request.headers[name] ?? '']))
  const at = (request.headers['x-amz-date'] ?? '').replace(
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
    '$1-$2-$3T$4:$5:$6Z',
  )
  const body = typeof request.body === 'string' ? new TextEncoder().encode(request.body) : request.body
  const split = Math.floor(body.length / 2)
  const identity = identityOf('bedrock', 'eu-central-1', {
    access_key_id: 'AKIDEXAMPLE',
    secret_access_key: 'secret',
    ...(sessionToken !== undefined && { session_token: sessionToken }),
  })
  const signed = await sign(
    identity,
    {
      destination: { origin: `https://${request.headers['host']}`, path: request.path, headers },
      method: 'POST',
      body: [body.subarray(0, split), body.subarray(split)],
    },
    at,
  )
  expect(request.path).toContain('%3A')
  expect(signed['authorization']).toContain(`SignedHeaders=${signedHeaders},`)
  expect(signed['authorization']).toContain(`Signature=${signature}`)
  expect(signed['x-amz-security-token']).toBe(sessionToken)
})
