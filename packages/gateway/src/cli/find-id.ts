import { SluiceError } from '@sluice/protocol'
import type { AdminClient } from './open-admin-client.ts'

/** A list of the admin API that can be asked for a name. */
export interface NamedList {
  /** `/keys`, and so `sluice keys list`. */
  readonly path: string
  /** Of one. */
  readonly object: string
  /** What is an id, whatever is called like that. */
  readonly id: RegExp
}

/** Of what is given by its id, or by a name that only one has. @throws SluiceError `resource_not_found`, `conflict` */
export async function findId(given: string, { path, object, id }: NamedList, client: AdminClient): Promise<string> {
  if (id.test(given)) return given
  const { data } = (await client.request('GET', `${path}?${new URLSearchParams({ name: given })}`)) as {
    readonly data: readonly { readonly id: string }[]
  }
  const [first] = data
  if (first !== undefined && data.length === 1) return first.id
  throw new SluiceError(
    first === undefined ? 'resource_not_found' : 'conflict',
    first === undefined
      ? `There is no ${object} ${JSON.stringify(given)}; sluice ${path.slice(1)} list shows them all.`
      : `Several ${object}s are called ${JSON.stringify(given)}; give an id: ${data.map((one) => one.id).join(', ')}.`,
  )
}
