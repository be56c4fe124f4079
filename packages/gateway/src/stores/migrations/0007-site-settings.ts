import type { Migration } from './migration.ts'

/** Which providers a site uses, and its own keys for them. */
export const siteSettings: Migration = {
  name: '0007-site-settings',
  up: `
create table site_settings (
  id text primary key references workspaces (id) on delete cascade,
  organisation_id text not null,
  provider text not null,
  default_model text,
  sealed_keys text not null,
  created_at bigint not null,
  updated_at bigint not null
);
create index site_settings_of_organisation on site_settings (organisation_id, id);
`,
  down: `
drop table site_settings;
`,
}
