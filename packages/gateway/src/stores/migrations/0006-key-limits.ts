import type { Migration } from './migration.ts'

/** What a key may ask for in a time, and spend. */
export const keyLimits: Migration = {
  name: '0006-key-limits',
  up: `
alter table keys add column limits text;
alter table keys add column budget text;
`,
  down: `
alter table keys drop column budget;
alter table keys drop column limits;
`,
}
