import type { Migration } from './migration.ts'

export const access: Migration = {
  name: '0003-access',
  up: `
create table organisations (
  id text primary key,
  name text not null,
  metadata text not null,
  created_at bigint not null,
  updated_at bigint not null
);
create table workspaces (
  id text primary key,
  organisation_id text not null references organisations (id),
  kind text not null,
  name text not null,
  metadata text not null,
  created_at bigint not null,
  updated_at bigint not null
);
create index workspaces_of_organisation on workspaces (organisation_id, id);
create table users (
  id text primary key,
  organisation_id text not null references organisations (id),
  name text not null,
  email text,
  role text not null,
  metadata text not null,
  blocked_at bigint,
  created_at bigint not null,
  updated_at bigint not null
);
create index users_of_organisation on users (organisation_id, id);
create unique index users_by_email on users (organisation_id, email);
create table keys (
  id text primary key,
  organisation_id text references organisations (id),
  workspace_id text references workspaces (id),
  user_id text references users (id),
  name text not null,
  prefix text not null,
  hash text not null,
  previous_hash text,
  previous_expires_at bigint,
  role text,
  models text,
  providers text,
  operations text,
  addresses text,
  default_route text,
  tags text not null,
  metadata text not null,
  expires_at bigint,
  blocked_at bigint,
  rotated_at bigint,
  created_at bigint not null,
  updated_at bigint not null
);
create unique index keys_by_hash on keys (hash);
create unique index keys_by_previous_hash on keys (previous_hash);
create index keys_of_organisation on keys (organisation_id, id);
create index keys_of_workspace on keys (workspace_id, id);
create index keys_of_user on keys (user_id, id);
create table audit_log (
  id text primary key,
  actor text not null,
  organisation_id text,
  workspace_id text,
  action text not null,
  resource text not null,
  old_value text,
  new_value text,
  request_id text,
  address text,
  created_at bigint not null
);
create index audit_of_organisation on audit_log (organisation_id, id);
create index audit_of_resource on audit_log (resource, id);
create table access_state (
  id bigint primary key,
  version bigint not null,
  pepper_check text
);
insert into access_state (id, version) values (1, 0);
create table idempotent_answers (
  id text primary key,
  request text not null,
  answer text,
  expires_at bigint not null
);
create index idempotent_answers_by_end on idempotent_answers (expires_at);
`,
  down: `
drop table idempotent_answers;
drop table access_state;
drop table audit_log;
drop table keys;
drop table users;
drop table workspaces;
drop table organisations;
`,
}
