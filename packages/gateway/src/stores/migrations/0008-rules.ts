import type { Migration } from './migration.ts'

/** Limits and budgets of organisations, workspaces and everybody. */
export const rules: Migration = {
  name: '0008-rules',
  up: `
create table limit_rules (
  id text primary key,
  organisation_id text references organisations (id),
  workspace_id text references workspaces (id),
  level text not null,
  name text not null,
  settings text not null,
  created_at bigint not null,
  updated_at bigint not null
);
create index limit_rules_of_organisation on limit_rules (organisation_id, id);
create table budget_rules (
  id text primary key,
  organisation_id text references organisations (id),
  workspace_id text references workspaces (id),
  level text not null,
  name text not null,
  settings text not null,
  created_at bigint not null,
  updated_at bigint not null
);
create index budget_rules_of_organisation on budget_rules (organisation_id, id);
`,
  down: `
drop table budget_rules;
drop table limit_rules;
`,
}
