import { strategies } from '../strategies.generated.ts'
import { describeShares, describeStrategy, describeTrial } from './contracts/describe-strategy.ts'

for (const kind of strategies.values()) describeStrategy(kind)

for (const name of ['weighted', 'round-robin', 'least-busy', 'sticky']) describeShares(strategies.get(name)!)

for (const name of ['lowest-latency', 'usage-headroom']) describeTrial(strategies.get(name)!)
