import { SluiceError, type WireObject } from '@sluice/protocol'
import { type ConversationTurn, findResponseItem, type RequestedState, responseOfItem } from '@sluice/protocol/dialects'
import type { KeptResponse, RelayedResponse, ResponseStore } from './response-store.ts'

/** What is kept of that which a request goes on from. */
export interface Recollection {
  /** The response that it names, where its provider keeps it. */
  readonly relayed: RelayedResponse | undefined
  /** The conversation that it names, oldest first, where all of it is kept here. */
  readonly turns: readonly ConversationTurn[]
  /** The ids of its responses. */
  readonly chain: readonly string[]
  /** Named, and nobody's here: only a provider may know it. */
  readonly unknown: string | undefined
  /** Items of ours that its input refers to, by their ids. */
  readonly references: ReadonlyMap<string, WireObject>
}

/**
 * Looks up what a request goes on from.
 *
 * @param limit of a conversation's bytes, about.
 * @throws SluiceError `previous_response_not_found` for another caller's response, and for a conversation of which a
 * turn is gone; `body_too_large`.
 */
export async function recall(
  state: RequestedState,
  { store, owner, limit }: { readonly store: ResponseStore; readonly owner: string; readonly limit: number },
): Promise<Recollection> {
  const { previousResponseId: id } = state
  const previous = id === undefined ? undefined : await store.find(id, owner)
  const known = previous !== undefined || (id !== undefined && (await store.has(id)))
  if (previous === undefined && known) throw previousNotFound(id ?? '')
  const kept = previous?.kind === 'kept' ? await conversationOf(previous, store, limit) : []
  const turns = kept.map(readTurn)
  return {
    relayed: previous?.kind === 'relayed' ? previous : undefined,
    turns,
    chain: kept.map((response) => response.id),
    unknown: known ? undefined : id,
    references: await findReferences(state.references, turns, store, owner),
  }
}

/** The response and all before it, oldest first. @throws SluiceError as `recall`. */
export async function conversationOf(
  last: KeptResponse,
  store: ResponseStore,
  limit: number,
): Promise<readonly KeptResponse[]> {
  const newestFirst = [last]
  let size = last.input.length + last.response.length
  for (let previousId = last.previousId; previousId !== undefined;) {
    const response = await store.find(previousId, last.owner)
    if (response?.kind !== 'kept') throw previousNotFound(previousId)
    size += response.input.length + response.response.length
    if (size > limit) {
      throw new SluiceError(
        'body_too_large',
        `The conversation before this turn is larger than the limit of ${limit} bytes. Begin a new one, with what matters of it as \`input\`.`,
        { param: 'previous_response_id' },
      )
    }
    newestFirst.push(response)
    previousId = response.previousId
  }
  return newestFirst.toReversed()
}

export function readTurn({ id, dialect, input, response }: KeptResponse): ConversationTurn {
  const { output } = JSON.parse(response) as { output: readonly unknown[] }
  return { responseId: id, input: JSON.parse(input) as unknown, output, dialect }
}

async function findReferences(
  ids: readonly string[],
  turns: readonly ConversationTurn[],
  store: ResponseStore,
  owner: string,
): Promise<ReadonlyMap<string, WireObject>> {
  const items = new Map<string, WireObject>()
  const read = new Map(turns.map((turn) => [turn.responseId, turn]))
  for (const id of ids) {
    const responseId = responseOfItem(id)
    let turn = responseId === undefined ? undefined : read.get(responseId)
    if (turn === undefined && responseId !== undefined) {
      const response = await store.find(responseId, owner)
      if (response?.kind === 'kept') read.set(responseId, (turn = readTurn(response)))
    }
    // An item with an id of its caller's own is known by the conversation that it stands in.
    const item =
      turn === undefined
        ? turns.map((one) => findResponseItem(one, id)).find((found) => found !== undefined)
        : findResponseItem(turn, id)
    if (item !== undefined) items.set(id, item)
  }
  return items
}

/** In OpenAI's words. */
export function previousNotFound(id: string): SluiceError {
  return new SluiceError('previous_response_not_found', `Previous response with id '${printable(id)}' not found.`, {
    param: 'previous_response_id',
  })
}

export function printable(id: string): string {
  return id.slice(0, 100).replaceAll(/[^\x20-\x7e]/g, '?')
}
