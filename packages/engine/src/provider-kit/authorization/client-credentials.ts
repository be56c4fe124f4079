import type { Identity, IdentityScheme } from '../auth.ts'
import { type Authorizer, type AuthorizerContext, credential } from './authorizer.ts'
import { requestToken } from './request-token.ts'
import { createTokenCache } from './token-cache.ts'

export function createClientCredentialsAuthorizer(
  scheme: IdentityScheme & { type: 'client-credentials' },
  identity: Identity,
  { transport, now }: AuthorizerContext,
): Authorizer {
  const tokens = createTokenCache(async () => {
    const tokenUrl = scheme.tokenUrl.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(credential(identity, name)),
    )
    return requestToken(transport, tokenUrl, {
      grant_type: 'client_credentials',
      client_id: credential(identity, 'client_id'),
      client_secret: credential(identity, 'client_secret'),
      scope: scheme.scope,
    })
  }, now)
  return {
    authorize: async () => ['authorization', `Bearer ${await tokens.get()}`],
    refused: () => tokens.forget(),
  }
}
