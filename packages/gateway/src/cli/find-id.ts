import { SluiceError } from '@sluice/protocol'
import type { AdminClient } from './open-admin-client.ts'

/** A list of the admin API that can be asked for a name. */
export interface NamedList {
  readonly path: string
  /** What else is asked of it: `kind=site`. */
  readonly query?: Readonly<Record<string, string>>
  /** Of one: `key`, and so `sluice keys list`. */
  readonly object: string
  /** What is an id, whatever is called like that. */
  readonly id: RegExp
}

/** Of what is given by its id, or by a name that only one has. @throws SluiceError `resource_not_found`, `conflict` */
export async function findId(given: string, list: NamedList, client: AdminClient): Promise<string> {
  const { path, query, object, id } = list
  if (id.test(given)) return given
  const { data } = (await client.request('GET', `${path}?${new URLSearchParams({ ...query, name: given })}`)) as {
    readonly data: readonly { readonly id: string }[]
  }
  const [first] = data
  if (first !== undefined && data.length === 1) return first.id
  if (first === undefined) throw notFound(given, list)
  throw new SluiceError(
    'conflict',
    `Several ${object}s are called ${JSON.stringify(given)}; give an id: ${data.map((one) => one.id).join(', ')}.`,
  )
}

export function notFound(given: string, { object }: Pick<NamedList, 'object'>): SluiceError {
  return new SluiceError(
    'resource_not_found',
    `There is no ${object} ${JSON.stringify(given)}; sluice ${object}s list shows them all.`,
  )
}
