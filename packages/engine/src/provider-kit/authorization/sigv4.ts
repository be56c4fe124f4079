import { joinBytes, SluiceError } from '@sluice/protocol'
import { AwsV4Signer } from 'aws4fetch'
import type { UpstreamRequest } from '../../transport/transport.ts'
import type { Identity, IdentityScheme } from '../auth.ts'
import { type Authorizer, type AuthorizerContext, credential } from './authorizer.ts'

/**
 * Signs each call with AWS Signature Version 4: the method, the path as it is sent (encoded once more, as every
 * service but S3 wants it), the query, host, time, content type, session token, and the hash of the final bytes.
 */
export function createSigV4Authorizer(
  { service }: IdentityScheme & { type: 'aws-sigv4' },
  identity: Identity,
  { now }: Pick<AuthorizerContext, 'now'>,
): Authorizer {
  // Signing keys, which are the same for a day: the library adds one a day and region.
  let keys = new Map<string, ArrayBuffer>()
  const { region } = identity.settings
  return {
    async authorize(request) {
      const { body } = request
      if ('size' in body)
        throw new SluiceError('unsupported_operation', 'A call that is signed cannot be sent before all of it is here.')
      if (keys.size > 1) keys = new Map()
      const sessionToken = identity.credentials['session_token']?.reveal()
      const signer = new AwsV4Signer({
        method: request.method,
        url: `${request.destination.origin}${request.destination.path}`,
        headers: signedHeaders(request),
        body: joinBytes(body) as Uint8Array<ArrayBuffer>,
        accessKeyId: credential(identity, 'access_key_id'),
        secretAccessKey: credential(identity, 'secret_access_key'),
        service,
        cache: keys,
        datetime: new Date(now()).toISOString().replaceAll(/[:-]|\.\d{3}/g, ''),
        allHeaders: true,
        ...(region !== undefined && { region }),
        ...(sessionToken !== undefined && { sessionToken }),
      })
      const { headers } = await signer.sign()
      return ['x-amz-date', 'x-amz-security-token', 'authorization'].flatMap((name) => {
        const value = headers.get(name)
        return value === null ? [] : [name, value]
      })
    },
  }
}

// What a proxy or the transport may add or change stays out, or the signature would not fit.
function signedHeaders({ destination: { headers } }: UpstreamRequest): Record<string, string> {
  const signed: Record<string, string> = {}
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]!
    if (name === 'content-type' || name.startsWith('x-amz')) signed[name] = headers[index + 1]!
  }
  return signed
}
