import { timingSafeEqual } from 'node:crypto'
import { SluiceError } from '@sluice/protocol'
import type { Logger } from 'pino'
import type { Secret } from 'sluice'
import type { Database } from '../stores/database.ts'
import type { AccessStore, GrantRow, SiteRow } from './access-store.ts'
import { type Grant, grantOf } from './grant.ts'
import { hashKey, isKeyText } from './key-text.ts'
import { OtherPepper } from './pepper.ts'
import type { Sealing } from './sealing.ts'

/** The keys that are managed in the store, as far as callers are concerned. */
export interface ManagedKeys {
  /** Whether callers need a key: some were managed once, or config says so. Never back again. */
  readonly required: boolean
  /** At once for a key that is known, else after the store was asked; `undefined` for one that there is not. */
  find(key: string): Grant | undefined | Promise<Grant | undefined>
  /** Of a key by its id, as it is now. */
  findById(id: string): Promise<Grant | undefined>
  /** Of a key by what is kept of it, as it is now: as if the key were given. */
  findByHash(hash: string): Promise<Grant | undefined>
  /** At once for a site that is known, else after the store was asked; `undefined` for one that there is not. */
  findSite(id: string): SiteRow | undefined | Promise<SiteRow | undefined>
  /** To be called after every change here: what is remembered may be wrong. */
  forget(): void
  /** To be called after a change by another process. */
  refresh(): void
  /** Looks whether keys are managed, before the first request. Rejects where that must be known and cannot be. */
  start(): Promise<void>
  /** Idempotent. */
  close(): void
}

export interface ManagedKeysOptions {
  /** Opens the store, or gives the one that is open. Rejects with `store_unavailable`. */
  readonly open: () => Promise<OpenAccess>
  /** Whether there may be managed keys: without, nothing is opened, until there are. Asked at each interval. */
  readonly mayExist: () => boolean
  /** Config asks for managed keys: a pepper that knows none of them ends the start. */
  readonly wanted: boolean
  /** Callers need a key whether there is one or not. */
  readonly required: boolean
  /** Milliseconds between looks at what other processes changed. */
  readonly interval: number
  readonly logger: Logger
}

export interface OpenAccess {
  readonly store: AccessStore
  /** What it is kept in, for what else is kept there. */
  readonly database: Database
  readonly pepper: Secret
  readonly sealing: Sealing
}

const isSiteId = /^ws_\w{1,64}$/
/** Keys that are remembered, and, apart from them, those that there are not. */
const mostRemembered = 10_000

export function createManagedKeys(options: ManagedKeysOptions): ManagedKeys {
  const { open, mayExist, wanted, required, interval, logger } = options
  // By all of their text.
  const known = new Map<string, Grant>()
  const unknown = new Set<string>()
  const sites = new Map<string, SiteRow | undefined>()
  /** Grows whenever all is forgotten, so that an answer from before is not remembered after. */
  let era = 0
  let began = false
  let active = false
  let version: number | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false
  let complained = false

  function forget(): void {
    era++
    known.clear()
    unknown.clear()
    sites.clear()
  }

  async function look(): Promise<void> {
    active ||= mayExist()
    if (!active) return
    const { store } = await open()
    const current = await store.version()
    if (current !== version) forget()
    version = current
    began ||= current > 0
    complained = false
  }

  function lookAgain(): void {
    if (closed) return
    timer = setTimeout(() => {
      look()
        .catch((error: unknown) => {
          if (!complained && !closed)
            logger.warn({ err: error }, 'The managed keys cannot be read; those that are known go on.')
          complained = true
        })
        .finally(lookAgain)
    }, interval)
    timer.unref()
  }

  async function ask(key: string): Promise<Grant | undefined> {
    const asked = era
    const { pepper } = await open()
    const grant = await findByHash(hashKey(key, pepper))
    if (asked === era) remember(key, grant)
    return grant
  }

  async function findByHash(hash: string): Promise<Grant | undefined> {
    const { store } = await open()
    const row = await store.findGrant(hash)
    return row === undefined || !isOf(row, hash) ? undefined : grantOf(row, hash)
  }

  function remember(key: string, grant: Grant | undefined): void {
    const place = grant === undefined ? unknown : known
    if (place.size >= mostRemembered) for (const oldest of place.keys()) if (place.delete(oldest)) break
    if (grant === undefined) unknown.add(key)
    else known.set(key, grant)
  }

  async function askForSite(id: string): Promise<SiteRow | undefined> {
    const asked = era
    const { store } = await open()
    const site = await store.findSite(id)
    if (asked !== era) return site
    if (sites.size >= mostRemembered) for (const oldest of sites.keys()) if (sites.delete(oldest)) break
    sites.set(id, site)
    return site
  }

  return {
    get required() {
      return required || began
    },
    find(key) {
      const grant = known.get(key)
      if (grant !== undefined) return grant
      return !active || !isKeyText(key) || unknown.has(key) ? undefined : ask(key)
    },
    async findById(id) {
      const { store } = await open()
      const row = await store.findGrantOf(id)
      return row && grantOf(row)
    },
    findByHash,
    findSite: (id) => (sites.has(id) ? sites.get(id) : isSiteId.test(id) ? askForSite(id) : undefined),
    forget,
    refresh() {
      forget()
      // What cannot be seen now is looked for at the next interval.
      look().catch(() => undefined)
    },
    async start() {
      try {
        await look()
      } catch (error) {
        if (wanted && error instanceof OtherPepper) throw new SluiceError('invalid_config', error.message)
        // Whether callers need a key must be known; where they do anyway, the store may come later.
        if (!required) throw error
        logger.warn({ err: error }, 'The managed keys cannot be read yet.')
      }
      lookAgain()
    },
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}

/** The index of the store found it: that it is the one is seen in a time that tells nothing. */
function isOf({ hash, previous_hash: previous }: GrantRow, given: string): boolean {
  return [hash, previous].some((one) => one !== null && one.length === given.length && sameBytes(one, given))
}

function sameBytes(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one), Buffer.from(other))
}

/** @throws SluiceError for one that is blocked or whose time is over. */
export function checkGrant({ blocked, endsAt }: Grant, now: number): void {
  if (blocked)
    throw new SluiceError(
      'api_key_blocked',
      'The API key, or the user it belongs to, is blocked. Ask whoever manages the keys of this gateway.',
    )
  if (now >= endsAt)
    throw new SluiceError(
      'api_key_expired',
      'The API key has expired. Ask whoever manages the keys of this gateway for a new one.',
    )
}
