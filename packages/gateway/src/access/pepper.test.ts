import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hasPepper, loadPepper } from './pepper.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sluice-pepper-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return join(path, 'data')
}

test('is made once, for its owner alone, and is the same ever after', () => {
  const directory = folder()
  expect(hasPepper(directory)).toBe(false)
  const pepper = loadPepper(directory).reveal()
  expect(Buffer.from(pepper, 'base64url')).toHaveLength(32)
  expect(loadPepper(directory).reveal()).toBe(pepper)
  expect(readdirSync(directory)).toEqual(['key-pepper'])
  expect(statSync(join(directory, 'key-pepper')).mode & 0o777).toBe(0o600)
  expect(loadPepper(folder()).reveal()).not.toBe(pepper)
})

test('that was cut short is said, not made anew: every key would be lost', () => {
  const directory = folder()
  loadPepper(directory)
  writeFileSync(join(directory, 'key-pepper'), 'short\n')
  expect(() => loadPepper(directory)).toThrow('Bring it back from a backup')
})
