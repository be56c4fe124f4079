/** A process that makes calls by one library when it is told to, and tells what they cost it: `caller.ts NAME URL`. */
import process from 'node:process'
import { clients, type ClientName } from './clients.ts'

/** What the parent asks for. */
export interface Order {
  readonly kind: 'chat' | 'stream'
  readonly count: number
}

/** Per call. */
export interface CallCost {
  /** Microseconds of the process, garbage collection and the runtime's threads included. */
  readonly cpu: number
  /** Of the answer, to compare. */
  readonly text: string
}

const concurrency = 8
const [name, url] = process.argv.slice(2) as [ClientName, string]
const client = clients[name](url)

async function run({ kind, count }: Order): Promise<CallCost> {
  let left = count
  let text = ''
  const worker = async (): Promise<void> => {
    while (left-- > 0) text = await client[kind]()
  }
  const before = process.cpuUsage()
  await Promise.all(Array.from({ length: concurrency }, worker))
  const { user, system } = process.cpuUsage(before)
  return { cpu: (user + system) / count, text }
}

process.on('message', (order: Order) => {
  void run(order).then(
    (cost) => process.send?.(cost),
    (error: unknown) => process.send?.({ failed: String(error) }),
  )
})
