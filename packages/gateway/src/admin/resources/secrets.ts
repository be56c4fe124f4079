import { SluiceError } from '@sluice/protocol'
import * as z from 'zod/mini'
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

/** @returns whether anything had to be done. */
async function renew(row: SiteSettingsRow, call: AdminCall, { sealing, store }: AdminParts): Promise<boolean> {
  let changed = false
  const keys = Object.entries(JSON.parse(row.sealed_keys) as Readonly<Record<string, string>>).map(
    ([provider, sealed]) => {
      const fresh = sealing.renew(sealed, placeOfKey(row.id, provider))
      changed ||= fresh !== undefined
      return [provider, fresh ?? sealed]
    },
  )
  if (!changed) return false
  const sealedKeys = JSON.stringify(Object.fromEntries(keys))
  await store.siteSettings.update(row.id, { sealed_keys: sealedKeys }, changeBy(call, 'ai-settings.rotate'))
  return true
}
