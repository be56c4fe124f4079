import type { Migration } from './migration.ts'

/**
 * Answers that are given again, and the questions that they are found by. Of an answer, what is long comes last: SQLite reads
 * up to what it is asked for. SQLite takes the types for names, and keeps a vector's bytes as they are.
 */
export const keptAnswers: Migration = {
  name: '0014-kept-answers',
  up: `
create table kept_answers (
  key text primary key,
  kept_at bigint not null,
  bytes bigint not null,
  provider text not null,
  model text not null,
  asker text not null,
  workspace text,
  organisation text,
  about text not null,
  content bytea not null
);
create index kept_answers_by_age on kept_answers (kept_at, bytes);
create table kept_questions (
  answer_key text not null,
  scope text not null,
  kept_at bigint not null,
  vector real[] not null,
  primary key (answer_key, scope)
);
create index kept_questions_of_a_scope on kept_questions (scope, kept_at, answer_key);
create index kept_questions_by_age on kept_questions (kept_at);
`,
  down: `
drop table kept_questions;
drop table kept_answers;
`,
}
