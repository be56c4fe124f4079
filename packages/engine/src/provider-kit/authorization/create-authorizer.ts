import type { Identity } from '../auth.ts'
import type { Authorizer, AuthorizerContext } from './authorizer.ts'
import { createClientCredentialsAuthorizer } from './client-credentials.ts'
import { createGoogleAuthorizer } from './google.ts'
import { createSigV4Authorizer } from './sigv4.ts'

export function createAuthorizer(identity: Identity, context: AuthorizerContext): Authorizer {
  const { scheme } = identity
  switch (scheme.type) {
    case 'aws-sigv4':
      return createSigV4Authorizer(scheme, identity, context)
    case 'google':
      return createGoogleAuthorizer(scheme, identity, context)
    case 'client-credentials':
      return createClientCredentialsAuthorizer(scheme, identity, context)
  }
}
