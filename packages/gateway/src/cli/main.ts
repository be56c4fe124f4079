#!/usr/bin/env node
import process from 'node:process'
import { run } from './run.ts'
import { processTerminal } from './terminal.ts'

// A reader that has seen enough (`sluice models | head`) closes the pipe: no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})
process.exitCode = await run(process.argv.slice(2), processTerminal())
