import type { Migration } from './migration.ts'

/** The bytes of files where several machines share them. SQLite takes the type for a name, and keeps them as they are. */
export const fileChunks: Migration = {
  name: '0005-file-chunks',
  up: `
create table file_chunks (
  file_id text not null,
  number bigint not null,
  written_at bigint not null,
  bytes bytea not null,
  primary key (file_id, number)
);
`,
  down: `
drop table file_chunks;
`,
}
