import { SluiceError } from '@sluice/protocol'
import * as z from 'zod/mini'
import type { Sealing } from '../../access/sealing.ts'
import { placeOfKey } from '../../access/sites.ts'
import type { SiteSettingsRow } from '../../stores/access-tables.ts'
import type { AdminParts } from '../admin-parts.ts'
import { type AdminCall, endpoint, type Endpoint } from '../endpoint.ts'
import { changeBy } from './change.ts'

/** What is kept encrypted. */
export const secretEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'POST',
    path: '/secrets/rotate',
    permission: 'organisations:write',
    summary: 'Encrypt everything that a former master key encrypted by the present one, so that the former may go.',
    answer: z.object({ renewed: z.number(), unchanged: z.number() }),
    async handle(call, parts) {
      if (call.actor.reach.organisation !== undefined)
        throw new SluiceError(
          'permission_denied',
          'This concerns all organisations: it takes a key that belongs to none.',
        )
      let renewed = 0
      let unchanged = 0
      for (let after: string | undefined, more = true; more;) {
        const page = await parts.store.siteSettings.list({}, { after, limit: 100, where: {} })
        for (const row of page.rows)
          if (await renew(row, call, parts)) renewed++
          else unchanged++
        after = page.rows.at(-1)?.id
        more = page.more
      }
      return { renewed, unchanged }
    },
  }),
]

/**
 * Worked out anew from the row as it is when it is written: what its site saved in between, or another rotation, stays.
 * @returns whether anything had to be done.
 */
async function renew({ id, sealed_keys }: SiteSettingsRow, call: AdminCall, parts: AdminParts): Promise<boolean> {
  const { sealing, store } = parts
  if (renewed(id, sealed_keys, sealing) === undefined) return false
  let done = false
  const changes = (now: SiteSettingsRow): Partial<SiteSettingsRow> | undefined => {
    const fresh = renewed(id, now.sealed_keys, sealing)
    done = fresh !== undefined
    return fresh === undefined ? undefined : { sealed_keys: fresh }
  }
  await store.siteSettings.update(id, changes, changeBy(call, 'ai-settings.rotate'))
  return done
}

/** All keys of a site under the present master key; `undefined` when they are so already. */
function renewed(site: string, sealedKeys: string, sealing: Sealing): string | undefined {
  const keys = Object.entries(JSON.parse(sealedKeys) as Readonly<Record<string, string>>)
  const fresh = keys.map(([provider, sealed]) => [provider, sealing.renew(sealed, placeOfKey(site, provider))] as const)
  if (fresh.every(([, sealed]) => sealed === undefined)) return undefined
  return JSON.stringify({
    ...Object.fromEntries(keys),
    ...Object.fromEntries(fresh.filter(([, sealed]) => sealed !== undefined)),
  })
}
