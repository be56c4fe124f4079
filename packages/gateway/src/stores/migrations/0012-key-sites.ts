import type { Migration } from './migration.ts'

/** For which sites a key may act. */
export const keySites: Migration = {
  name: '0012-key-sites',
  up: `
alter table keys add column sites text;
`,
  down: `
alter table keys drop column sites;
`,
}
