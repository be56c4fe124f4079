import { SluiceError } from '@sluice/protocol'
import type { KeyRow, UserRow } from '../stores/access-tables.ts'
import type { Reach } from './actor.ts'

/** How far somebody reaches, the furthest first. */
const levels = ['gateway', 'organisation', 'workspace', 'user'] as const
type Level = (typeof levels)[number]

/** What of a key, or a user, nobody takes back who reaches less far than who did it. */
export type Levelled = 'limits' | 'budget' | 'blocked'

function levelOf({ organisation, workspace, user }: Reach): Level {
  if (user !== undefined) return 'user'
  if (workspace !== undefined) return 'workspace'
  return organisation === undefined ? 'gateway' : 'organisation'
}

/** Whether it was done from further up than this reach. Where nobody kept that, it was not done by a user. */
export function isFromAbove({ levels: kept }: Pick<KeyRow | UserRow, 'levels'>, what: Levelled, reach: Reach): boolean {
  const { [what]: level = 'workspace' } = readLevels(kept)
  return levels.indexOf(level) < levels.indexOf(levelOf(reach))
}

/** The levels after these were done, and those undone, by somebody of this reach. */
export function levelsAfter(
  kept: string | null,
  reach: Reach,
  changes: Readonly<Partial<Record<Levelled, 'done' | 'undone'>>>,
): string | null {
  const after = { ...readLevels(kept) }
  for (const [what, change] of Object.entries(changes) as [Levelled, 'done' | 'undone'][]) {
    if (change === 'done') after[what] = levelOf(reach)
    else delete after[what]
  }
  return Object.keys(after).length === 0 ? null : JSON.stringify(after)
}

function readLevels(kept: string | null): Partial<Record<Levelled, Level>> {
  return kept === null ? {} : (JSON.parse(kept) as Partial<Record<Levelled, Level>>)
}

/** @throws SluiceError `permission_denied` */
export function refuseFromBelow(what: string, change: 'loosen' | 'change'): never {
  throw new SluiceError(
    'permission_denied',
    `${what} by somebody who reaches further than you do, and only they, or others who reach as far, may ${change} that. Ask them.`,
  )
}
