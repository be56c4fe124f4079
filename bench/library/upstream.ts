/** Prepared answers, so that the upstream costs little; says its URL once it listens. */
import process from 'node:process'
import { startSimulator } from '@sluice/simulator'

const simulator = await startSimulator({ fixed: { bytes: 900, chunks: 100 } })
process.send?.(simulator.url)
