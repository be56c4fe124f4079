import { argv } from 'node:process'
import { type Peer, runScenarios } from './run-scenarios.ts'

// Bun and Deno: the peer is the last argument, the outcomes the last line.
const outcomes = await runScenarios(JSON.parse(argv.at(-1) ?? '') as Peer)
console.log(JSON.stringify(outcomes))
