import type { Migration } from './migration.ts'

export const responses: Migration = {
  name: '0002-responses',
  up: `
create table responses (
  owner text not null,
  id text not null,
  previous_id text,
  dialect text,
  input text,
  response text,
  provider text,
  model text,
  bytes bigint not null,
  expires_at bigint not null,
  primary key (owner, id)
);
create index responses_by_id on responses (id);
create index responses_by_end on responses (expires_at);
`,
  down: `
drop table responses;
`,
}
