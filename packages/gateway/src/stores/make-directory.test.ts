import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeDirectory } from './make-directory.ts'

test('makes all that is missing, for its owner only, and takes what is there', () => {
  const root = mkdtempSync(join(tmpdir(), 'sluice-'))
  try {
    const path = join(root, 'a', 'b')
    makeDirectory(path)
    makeDirectory(path)
    expect(statSync(path).mode & 0o777).toBe(0o700)
  } finally {
    rmSync(root, { recursive: true })
  }
})

// Node's recursive `mkdir` goes round and round there.
test.runIf(process.platform === 'linux')('fails where nothing can be made', () => {
  expect(() => makeDirectory('/proc/nowhere/sluice')).toThrow('ENOENT')
})
