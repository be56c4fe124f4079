import type { BudgetAmount, LimitAmounts } from 'sluice'
import type { Reach } from '../../access/actor.ts'
import { isFromAbove, levelsAfter, refuseFromBelow } from '../../access/key-levels.ts'
import type { KeyRow } from '../../stores/access-tables.ts'
import type { KeySettings } from './key-shape.ts'

/**
 * Who set a key's limits and budget, after some were given. What was set from above stays so, and is only ever made tighter.
 *
 * @throws SluiceError `permission_denied`
 */
export function limitLevels(
  before: Pick<KeyRow, 'limits' | 'budget' | 'levels'>,
  { limits, budget }: Pick<KeySettings, 'limits' | 'budget'>,
  reach: Reach,
): Pick<KeyRow, 'levels'> {
  let { levels } = before
  if (limits !== undefined) {
    if (before.limits !== null && isFromAbove(before, 'limits', reach)) {
      if (!areTighter(JSON.parse(before.limits) as LimitAmounts, limits))
        refuseFromBelow('The limits were set', 'loosen')
    } else levels = levelsAfter(levels, reach, { limits: limits === null ? 'undone' : 'done' })
  }
  if (budget !== undefined) {
    if (before.budget !== null && isFromAbove(before, 'budget', reach)) {
      if (!isTighter(JSON.parse(before.budget) as BudgetAmount, budget)) refuseFromBelow('The budget was set', 'loosen')
    } else levels = levelsAfter(levels, reach, { budget: budget === null ? 'undone' : 'done' })
  }
  return { levels }
}

function areTighter(before: LimitAmounts, after: LimitAmounts | null): boolean {
  return Object.entries(before).every(([name, most]) => {
    const now = after?.[name as keyof LimitAmounts]
    return now !== undefined && now <= most
  })
}

/** Amounts of other periods are not compared. */
function isTighter(before: BudgetAmount, after: BudgetAmount | null): boolean {
  if (after === null || after.amount > before.amount) return false
  if ((before.stop ?? true) && !(after.stop ?? true)) return false
  if (calendarOf(before) !== calendarOf(after)) return false
  if (after.raise === undefined) return true
  const { raise } = before
  return raise !== undefined && after.raise.by <= raise.by && Date.parse(after.raise.until) <= Date.parse(raise.until)
}

function calendarOf({ period = 'monthly', time_zone: zone = 'UTC', reset_day: day = 1 }: BudgetAmount): string {
  return JSON.stringify([period, zone, day])
}
