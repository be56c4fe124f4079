import { filesAndBatches } from './0001-files-and-batches.ts'
import type { Migration } from './migration.ts'

/** Oldest first. */
export const migrations: readonly Migration[] = [filesAndBatches]
