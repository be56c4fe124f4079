import { runScenarios } from './run-scenarios.ts'

Object.assign(globalThis, { runScenarios })
