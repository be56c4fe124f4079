import type { ConfigInput } from 'sluice'
import { onTestFinished } from 'vitest'
import { type AdminClient, adminOf, rootKey } from '../access/admin-client.ts'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { type Browser, openBrowser } from './browser.ts'
import {
  clientId,
  clientSecret,
  type IdentityProviderOptions,
  startIdentityProvider,
  type TestIdentityProvider,
} from './identity-provider.ts'

type Server = NonNullable<ConfigInput['server']>

/** A gateway, an identity provider that it takes people from, and a browser. */
export interface SignInWorld {
  readonly gateway: TestGateway
  readonly identityProvider: TestIdentityProvider
  readonly browser: Browser
  /** The gateway's. */
  readonly origin: string
  /** By the key of config. */
  readonly admin: AdminClient
  /** Goes through the whole of it. */
  signIn(
    browser?: Browser,
  ): Promise<{ readonly status: number | undefined; readonly body: Readonly<Record<string, unknown>> }>
}

export interface SignInWorldOptions {
  readonly server?: Server
  readonly oidc?: Partial<NonNullable<Server['oidc']>>
  readonly provider?: IdentityProviderOptions
  readonly now?: () => number
}

/** Who is an admin of the whole gateway. */
export const ann = { sub: 'ann', name: 'Ann', email: 'ann@example.com', email_verified: true, groups: ['admins'] }

export async function openSignInWorld({ server, oidc, provider, now }: SignInWorldOptions = {}): Promise<SignInWorld> {
  const identityProvider = await startIdentityProvider(provider)
  const gateway = await startTestGateway({
    config: {
      server: {
        admin_key: rootKey,
        oidc: {
          issuer: identityProvider.issuer,
          client_id: clientId,
          client_secret: clientSecret,
          roles: [{ value: 'admins', role: 'admin' }],
          ...oidc,
        },
        ...server,
      },
    },
    ...(now !== undefined && { now }),
  })
  onTestFinished(async () => {
    await gateway.close()
    await identityProvider[Symbol.asyncDispose]()
  })
  const origin = gateway.gateway.url
  identityProvider.serve(origin)
  identityProvider.next = ann
  const own = openBrowser()
  return {
    gateway,
    identityProvider,
    browser: own,
    origin,
    admin: adminOf(gateway),
    async signIn(browser = own) {
      const { response } = await browser.visit(`${origin}/api/admin/sign-in`)
      return { status: response?.status, body: (await response?.json()) as Readonly<Record<string, unknown>> }
    },
  }
}

/** What the audit log says of signing in. */
export async function signInsOf(admin: AdminClient): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { body } = await admin('GET', '/audit?limit=100')
  const entries = body['data'] as readonly Readonly<Record<string, unknown>>[]
  return entries.filter(({ action }) => String(action).startsWith('sessions.'))
}
