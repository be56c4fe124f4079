import type { OptionRow } from './option-row.ts'

/** What the options of signing in mean. */
export const signInOptions: Readonly<Record<string, OptionRow>> = {
  'server.public_url': {
    type: 'scheme and host',
    default: 'what the browser calls it, on loopback',
    meaning: 'Where browsers find the gateway: `https://gateway.example.com`. Needed for signing in from elsewhere.',
  },
  'server.oidc': {
    type: 'group',
    default: '',
    meaning: 'An identity provider by which people [sign in](sign-in.md). With it, callers need keys.',
  },
  'server.oidc.issuer': {
    type: '`https://…`',
    default: '',
    meaning: 'As the provider writes it in its tokens; its `/.well-known/openid-configuration` says the rest.',
  },
  'server.oidc.client_id': { type: 'text', default: '', meaning: 'The id of this gateway at the provider.' },
  'server.oidc.client_secret': {
    type: 'text',
    default: '',
    meaning:
      'The secret of this gateway there; better given by `SLUICE_OIDC_CLIENT_SECRET`. Absent for a public client.',
  },
  'server.oidc.scopes': {
    type: 'list of texts',
    default: '[openid, profile, email]',
    meaning: 'What is asked for; `openid` always is.',
  },
  'server.oidc.role_claim': {
    type: 'text',
    default: 'groups',
    meaning: "The claim that decides on people's roles: its name, or its path, as in `realm_access.roles`.",
  },
  'server.oidc.roles': {
    type: 'list',
    default: '[]',
    meaning: 'Which role each value of that claim gives; the first that fits counts.',
  },
  'server.oidc.roles[].value': { type: 'text', default: '', meaning: 'A value that the claim has, or contains.' },
  'server.oidc.roles[].role': {
    type: '`owner`, `admin`, `operator`, `developer`, `viewer`',
    default: '',
    meaning: 'The [role](keys.md#who-may-manage-keys) that it gives.',
  },
  'server.oidc.roles[].organisation': {
    type: "an organisation's id",
    default: '',
    meaning: 'How far they reach. Without it: the whole gateway.',
  },
  'server.oidc.default_role': {
    type: '`none`, or a role',
    default: 'none',
    meaning: 'The role of people whom none of `roles` fits; `none` refuses them.',
  },
  'server.oidc.default_organisation': {
    type: "an organisation's id",
    default: '',
    meaning: 'How far they reach then.',
  },
  'server.oidc.email_domains': {
    type: 'list of domains',
    default: 'all',
    meaning: 'Only people with e-mail addresses of these domains are let in.',
  },
  'server.oidc.trust_email': {
    type: 'true or false',
    default: 'false',
    meaning: 'Believe e-mail addresses of which the provider does not say whether they were verified.',
  },
  'server.oidc.clock_tolerance': {
    type: 'seconds',
    default: '30',
    meaning: "How far the provider's clock and this one may differ.",
  },
  'server.session_lifetime': {
    type: 'seconds',
    default: '43200',
    meaning: 'How long somebody stays [signed in](sign-in.md#sessions) at the most: 12 hours.',
  },
  'server.session_idle_timeout': {
    type: 'seconds',
    default: '3600',
    meaning: 'After how long without a request they are signed out.',
  },
}
