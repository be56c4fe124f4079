import type { Migration } from './migration.ts'

/** What processes that keep answers in memory are to forget. */
export const cachePurges: Migration = {
  name: '0011-cache-purges',
  up: `
create table cache_purges (
  id text primary key,
  filter text not null,
  created_at bigint not null
);
`,
  down: `
drop table cache_purges;
`,
}
