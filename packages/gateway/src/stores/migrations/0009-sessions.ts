import type { Migration } from './migration.ts'

/** Who is signed in, and as whom an identity provider knows users. */
export const sessions: Migration = {
  name: '0009-sessions',
  up: `
create table user_identities (
  issuer text not null,
  subject text not null,
  organisation_id text not null references organisations (id) on delete cascade,
  user_id text not null references users (id) on delete cascade,
  created_at bigint not null,
  primary key (issuer, subject, organisation_id)
);
create unique index user_identities_of_user on user_identities (user_id, issuer);
create table sessions (
  id text primary key,
  hash text not null,
  owner text not null,
  user_id text references users (id) on delete cascade,
  key_hash text,
  organisation_id text,
  method text not null,
  attempt text,
  address text,
  user_agent text,
  created_at bigint not null,
  seen_at bigint not null,
  expires_at bigint not null,
  ended_at bigint
);
create unique index sessions_by_hash on sessions (hash);
create unique index sessions_by_attempt on sessions (attempt);
create index sessions_of_owner on sessions (owner, id);
create index sessions_of_user on sessions (user_id);
create index sessions_by_end on sessions (expires_at);
`,
  down: `
drop table sessions;
drop table user_identities;
`,
}
