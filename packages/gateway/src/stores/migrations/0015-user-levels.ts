import type { Migration } from './migration.ts'

/** How far those reach who blocked a user. */
export const userLevels: Migration = {
  name: '0015-user-levels',
  up: `
alter table users add column levels text;
`,
  down: `
alter table users drop column levels;
`,
}
