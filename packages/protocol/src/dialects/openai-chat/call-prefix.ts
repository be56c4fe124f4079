/** Ids for calls that have none must differ between turns, and hold only what every provider accepts. */
export function callPrefix(resultId: string, choice: number): string {
  return `call_${resultId.replace(/[^A-Za-z0-9_-]/g, '_')}_${choice}_`
}
