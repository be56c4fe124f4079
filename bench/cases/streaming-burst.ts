import type { Case } from '../case.ts'
import { chunks, measureStreams } from './streaming.ts'

const connections = 8

export const streamingBurst: Case = {
  id: 'streaming-burst',
  title: `Streams of ${chunks} chunks, as fast as they go`,
  method:
    `As above, but with ${connections} connections and an upstream that writes the next event as soon as its event ` +
    'loop comes round. The contender is the slowest part and finds several events waiting; it is the cost at ' +
    'capacity. Warm-up: 2,048 streams or 10 seconds; each round: 512 streams.',
  run: (bench) => measureStreams(bench, { connections, gap: 0, streams: 512, rounds: 15 }),
}
