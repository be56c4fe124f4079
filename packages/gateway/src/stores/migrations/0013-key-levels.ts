import type { Migration } from './migration.ts'

/** How far those reach who set a key's limits and its budget, and who blocked it. */
export const keyLevels: Migration = {
  name: '0013-key-levels',
  up: `
alter table keys add column levels text;
`,
  down: `
alter table keys drop column levels;
`,
}
