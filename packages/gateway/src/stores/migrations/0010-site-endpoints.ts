import type { Migration } from './migration.ts'

/** Where a site's provider is, where the site says that itself. */
export const siteEndpoints: Migration = {
  name: '0010-site-endpoints',
  up: `
alter table site_settings add column base_url text;
`,
  down: `
alter table site_settings drop column base_url;
`,
}
