import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'

/** Runs the fault matrix, which writes `docs/resilience.md` on the way. */
const root = join(import.meta.dirname, '..')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const words = ['--conditions=sluice-source', vitest, 'run', 'tests/resilience/fault-matrix.test.ts']
const env = { ...process.env, WRITE_DOCS: 'resilience' }
const { status } = spawnSync(process.execPath, words, { cwd: root, env, stdio: 'inherit' })
process.exitCode = status ?? 1
