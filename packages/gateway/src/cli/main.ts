#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

// Keeps compiled code between starts, which halves the time of the next. Not in the common temporary directory,
// where others could leave code for us to run. Without a place to write nothing is kept.
enableCompileCache(join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sluice'))
const { run } = await import('./run.ts')
const { processTerminal } = await import('./terminal.ts')

// A reader that has seen enough (`sluice models | head`) closes the pipe: no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})
process.exitCode = await run(process.argv.slice(2), processTerminal())
