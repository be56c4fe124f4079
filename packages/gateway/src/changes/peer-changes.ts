import type { Peers } from '../workers/peers.ts'
import type { Changes } from './changes.ts'

const news = 'access.changed'

/** By messages between the workers of a machine. */
export function createPeerChanges(peers: Peers): Changes {
  return {
    listen: (heard) => peers.hear(news, heard),
    tell: () => peers.tell(news),
    close: () => Promise.resolve(),
  }
}
