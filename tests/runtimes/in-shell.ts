import { argv, stdout } from 'node:process'
import { type Peer, runScenarios } from './run-scenarios.ts'

// Bun and Deno: the peer is the last argument, the outcomes the last line.
const outcomes = await runScenarios(JSON.parse(argv.at(-1) ?? '') as Peer)
stdout.write(`${JSON.stringify(outcomes)}\n`)
