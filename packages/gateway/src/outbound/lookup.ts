import type { LookupAddress } from 'node:dns'

/** All addresses of a host. */
export type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>
