/** What somebody may do by the admin API, the mightiest first. */
export const roles = ['owner', 'admin', 'operator', 'developer', 'viewer'] as const
export type Role = (typeof roles)[number]

/** What an endpoint of the admin API asks of its caller: `read` looks, `write` makes, changes and removes. */
export type Permission =
  | 'organisations:read'
  | 'organisations:write'
  | 'workspaces:read'
  | 'workspaces:write'
  | 'users:read'
  | 'users:write'
  | 'keys:read'
  | 'keys:write'
  /** Block and unblock them. */
  | 'keys:block'
  | 'usage:read'
  | 'limits:read'
  | 'limits:write'
  | 'budgets:read'
  | 'budgets:write'
  | 'cache:write'
  | 'audit:read'
  /** See and end what one is signed in with oneself. */
  | 'sessions:own'
  /** See how the whole gateway does: health, metrics, events. */
  | 'gateway:read'

const viewer: readonly Permission[] = [
  'workspaces:read',
  'keys:read',
  'usage:read',
  'limits:read',
  'budgets:read',
  'sessions:own',
]
const developer: readonly Permission[] = [...viewer, 'keys:write', 'keys:block']
const operator: readonly Permission[] = [
  ...viewer,
  'organisations:read',
  'users:read',
  'keys:block',
  'audit:read',
  'cache:write',
  'gateway:read',
]
const admin: readonly Permission[] = [
  ...operator,
  'workspaces:write',
  'users:write',
  'keys:write',
  'limits:write',
  'budgets:write',
]

/** Who may what. How far that reaches, `Reach` says: an owner of one organisation owns that one. */
export const permissions: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  owner: new Set([...admin, 'organisations:write']),
  admin: new Set(admin),
  operator: new Set(operator),
  developer: new Set(developer),
  viewer: new Set(viewer),
}

/** Whether the first is the mightier: nobody gives, takes or changes what is above themselves. */
export function ranksAbove(role: Role, other: Role): boolean {
  return roles.indexOf(role) < roles.indexOf(other)
}
