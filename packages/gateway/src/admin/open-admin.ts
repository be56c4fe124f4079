import { type Admin, createAdmin } from './admin.ts'
import type { AdminParts } from './admin-parts.ts'
import { createIdempotentAnswers } from './idempotent-answers.ts'
import { adminEndpoints } from './resources.ts'

/** To be imported when the admin API is asked, and never at the start. @param changed as in `createAdmin`. */
export function openAdmin(parts: AdminParts, changed: () => void): Admin {
  const { database, pepper, now } = parts
  const answers = createIdempotentAnswers(database, pepper, now)
  return createAdmin({ endpoints: adminEndpoints, parts, answers, changed })
}
