/**
 * A cost in US dollars, to be shown: `toUsd(answer.cost)`; `null` where it is not known. To add costs up, add their
 * `nanoDollars`, which are whole, and convert the sum.
 */
export function toUsd(cost: { readonly nanoDollars: number | null } | null | undefined): number | null {
  const nanoDollars = cost?.nanoDollars ?? null
  return nanoDollars === null ? null : nanoDollars / 1e9
}
