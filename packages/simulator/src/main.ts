#!/usr/bin/env node
import { help, readCommandLine } from './command-line.ts'
import { startSimulator } from './simulator.ts'

try {
  const options = readCommandLine(process.argv.slice(2))
  if (options === undefined) {
    process.stdout.write(help)
  } else {
    const simulator = await startSimulator(options)
    process.stdout.write(`Simulator on ${simulator.url}\n`)
    const stop = (): void => void simulator.close()
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
  }
} catch (error) {
  process.stderr.write(`sluice-simulator: ${(error as Error).message}\nTry --help.\n`)
  process.exitCode = 1
}
