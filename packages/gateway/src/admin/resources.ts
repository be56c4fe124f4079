import type { Endpoint } from './endpoint.ts'
import { auditEndpoints } from './resources/audit.ts'
import { budgetEndpoints } from './resources/budgets.ts'
import { cacheEndpoints } from './resources/cache.ts'
import { configEndpoints } from './resources/config.ts'
import { keyEndpoints } from './resources/keys.ts'
import { limitEndpoints } from './resources/limits.ts'
import { organisationEndpoints } from './resources/organisations.ts'
import { roleEndpoints } from './resources/roles.ts'
import { usageEndpoints } from './resources/usage.ts'
import { secretEndpoints } from './resources/secrets.ts'
import { sessionEndpoints } from './resources/sessions.ts'
import { siteSettingsEndpoints } from './resources/site-settings.ts'
import { userEndpoints } from './resources/users.ts'
import { workspaceEndpoints } from './resources/workspaces.ts'

/** All that the admin API has. A resource is a file with its endpoints, and a line here. */
export const adminEndpoints: readonly Endpoint[] = [
  ...organisationEndpoints,
  ...workspaceEndpoints,
  ...siteSettingsEndpoints,
  ...secretEndpoints,
  ...userEndpoints,
  ...roleEndpoints,
  ...keyEndpoints,
  ...limitEndpoints,
  ...budgetEndpoints,
  ...usageEndpoints,
  ...cacheEndpoints,
  ...configEndpoints,
  ...auditEndpoints,
  ...sessionEndpoints,
]
