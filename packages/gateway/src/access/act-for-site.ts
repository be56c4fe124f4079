import { SluiceError } from '@sluice/protocol'
import type { Principal } from '../pipeline/principal.ts'
import type { SiteRow } from './access-store.ts'

/** By which a key says for which site a request is. */
export const siteHeader = 'x-sluice-site'

/** Who calls, on behalf of a site. Throws, or rejects with, a `SluiceError` for one that the key may not act for. */
export type ActForSite = (principal: Principal, site: string) => Principal | Promise<Principal>

/** @param find a site by its id, at once where it is known. */
export function createActForSite(find: (id: string) => SiteRow | undefined | Promise<SiteRow | undefined>): ActForSite {
  // One object for each key and site: what is worked out of a principal is kept by it.
  const acting = new WeakMap<Principal, WeakMap<SiteRow, Principal>>()

  function act(principal: Principal, id: string, site: SiteRow | undefined): Principal {
    // The same for a site of others and for none, so that nobody learns which there are.
    if (site === undefined || site.organisation_id !== principal.organisation) throw noSuchSite(id)
    checkAllowed(principal, site.id)
    let sites = acting.get(principal)
    if (sites === undefined) acting.set(principal, (sites = new WeakMap()))
    let there = sites.get(site)
    if (there === undefined) sites.set(site, (there = onBehalf(principal, site)))
    return there
  }

  return (principal, id) => {
    if (principal.organisation === undefined)
      throw new SluiceError(
        'permission_denied',
        `A key that belongs to no organisation acts for no site. Use one of the site, or of its organisation, and leave \`${siteHeader}\` out for others.`,
      )
    const site = find(id)
    return site instanceof Promise ? site.then((found) => act(principal, id, found)) : act(principal, id, site)
  }
}

/** What is the key's own stays: its policy, its limits, and what it keeps. */
function onBehalf(principal: Principal, { id, settings_at: settings }: SiteRow): Principal {
  return Object.freeze({
    ...principal,
    workspace: { id, kind: 'site' as const, ...(settings !== null && { settings }) },
    site: id,
  })
}

/** @throws SluiceError `permission_denied` */
function checkAllowed({ workspace, policy }: Principal, site: string): void {
  const listed = policy?.sites
  if (listed === undefined ? workspace === undefined || workspace.id === site : listed.includes(site)) return
  throw new SluiceError(
    'permission_denied',
    `This key may not act for the site "${site}". Who manages the keys can add it to the \`sites\` of the key; a key of the organisation that names none may act for all of its sites.`,
  )
}

function noSuchSite(id: string): SluiceError {
  return new SluiceError(
    'resource_not_found',
    `There is no site "${id.slice(0, 64).replaceAll(/[^\x21-\x7e]/g, '?')}" that this key may act for. \`${siteHeader}\` takes a site's id (\`sluice sites list\`).`,
  )
}
