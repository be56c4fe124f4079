import type { Migration } from './migration.ts'

export const filesAndBatches: Migration = {
  name: '0001-files-and-batches',
  up: `
create table files (
  id text primary key,
  owner text not null,
  filename text not null,
  purpose text not null,
  content_start bigint not null,
  bytes bigint not null,
  created_at bigint not null,
  expires_at bigint
);
create index files_of_owner on files (owner, created_at, id);
create table batches (
  id text primary key,
  owner text not null,
  principal text not null,
  endpoint text not null,
  input_file_id text not null,
  completion_window text not null,
  status text not null,
  metadata text,
  errors text,
  output_file_id text,
  error_file_id text,
  total bigint not null,
  completed bigint not null,
  failed bigint not null,
  created_at bigint not null,
  expires_at bigint not null,
  in_progress_at bigint,
  finalizing_at bigint,
  completed_at bigint,
  failed_at bigint,
  expired_at bigint,
  cancelling_at bigint,
  cancelled_at bigint
);
create index batches_of_owner on batches (owner, created_at, id);
create index unfinished_batches on batches (created_at)
  where status in ('validating', 'in_progress', 'finalizing', 'cancelling');
create table batch_lines (
  batch_id text not null references batches (id),
  line bigint not null,
  kind text not null,
  text text not null,
  primary key (batch_id, line)
);
create table provider_objects (
  id text primary key,
  owner text not null,
  provider text not null,
  kind text not null,
  created_at bigint not null
);
`,
  down: `
drop table provider_objects;
drop table batch_lines;
drop table batches;
drop table files;
`,
}
