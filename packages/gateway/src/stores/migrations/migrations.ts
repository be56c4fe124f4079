import { filesAndBatches } from './0001-files-and-batches.ts'
import { responses } from './0002-responses.ts'
import { access } from './0003-access.ts'
import { usage } from './0004-usage.ts'
import { fileChunks } from './0005-file-chunks.ts'
import { keyLimits } from './0006-key-limits.ts'
import { siteSettings } from './0007-site-settings.ts'
import { rules } from './0008-rules.ts'
import { sessions } from './0009-sessions.ts'
import { siteEndpoints } from './0010-site-endpoints.ts'
import { cachePurges } from './0011-cache-purges.ts'
import { keySites } from './0012-key-sites.ts'
import { keyLevels } from './0013-key-levels.ts'
import { keptAnswers } from './0014-kept-answers.ts'
import { userLevels } from './0015-user-levels.ts'
import type { Migration } from './migration.ts'

/** Oldest first. */
export const migrations: readonly Migration[] = [
  filesAndBatches,
  responses,
  access,
  usage,
  fileChunks,
  keyLimits,
  siteSettings,
  rules,
  sessions,
  siteEndpoints,
  cachePurges,
  keySites,
  keyLevels,
  keptAnswers,
  userLevels,
]
