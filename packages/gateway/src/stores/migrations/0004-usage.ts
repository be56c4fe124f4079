import type { Migration } from './migration.ts'

export const usage: Migration = {
  name: '0004-usage',
  up: `
create table usage_records (
  id text primary key,
  request_id text not null,
  started_at bigint not null,
  principal text not null,
  organisation text,
  workspace text,
  workspace_kind text,
  user_id text,
  tags text,
  operation text not null,
  requested_model text,
  provider text,
  model text,
  stream integer not null,
  outcome text not null,
  error_code text,
  input bigint,
  cache_read bigint,
  cache_write bigint,
  cache_write_long bigint,
  audio_input bigint,
  image_input bigint,
  output bigint,
  reasoning bigint,
  audio_output bigint,
  image_output bigint,
  rejected_prediction bigint,
  searches bigint,
  audio_seconds bigint,
  characters bigint,
  estimated integer,
  processing text,
  nano_dollars bigint,
  cost_source text,
  price_version text,
  finish_reason text,
  duration_ms bigint,
  first_token_ms bigint,
  attempts integer not null,
  answered_ms bigint
);
create index usage_records_by_time on usage_records (started_at, id);
create index usage_records_of_principal on usage_records (principal, started_at, id);
create index usage_records_of_request on usage_records (request_id);
create table usage_attempts (
  record_id text not null,
  number integer not null,
  provider text not null,
  model text not null,
  outcome text not null,
  error_code text,
  status integer,
  duration_ms bigint not null,
  primary key (record_id, number)
);
create table usage_tags (
  tag text not null,
  started_at bigint not null,
  record_id text not null,
  primary key (tag, started_at, record_id)
);
create index usage_tags_of_record on usage_tags (record_id);
create table usage_daily (
  day bigint not null,
  principal text not null,
  organisation text not null,
  workspace text not null,
  user_id text not null,
  provider text not null,
  model text not null,
  operation text not null,
  requests bigint not null,
  failed bigint not null,
  aborted bigint not null,
  attempts bigint not null,
  uncounted bigint not null,
  estimated bigint not null,
  input bigint not null,
  cache_read bigint not null,
  cache_write bigint not null,
  cache_write_long bigint not null,
  audio_input bigint not null,
  image_input bigint not null,
  output bigint not null,
  reasoning bigint not null,
  audio_output bigint not null,
  image_output bigint not null,
  rejected_prediction bigint not null,
  searches bigint not null,
  audio_seconds bigint not null,
  characters bigint not null,
  nano_dollars bigint not null,
  unpriced bigint not null,
  duration_ms bigint not null,
  primary key (day, principal, provider, model, operation, organisation, workspace, user_id)
);
`,
  down: `
drop table usage_daily;
drop table usage_tags;
drop table usage_attempts;
drop table usage_records;
`,
}
