import fc from 'fast-check'
import { Secret } from 'sluice'
import { expect, test } from 'vitest'
import { createSealing } from './sealing.ts'

const [old, fresh] = [new Secret('old master key of 32 characters!'), new Secret('new master key of 32 characters!')]

test('gives back what was sealed, in its own place only', () => {
  const sealing = createSealing([old])
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.string(), (text, place, other) => {
      const sealed = sealing.seal(new Secret(text), place)
      expect(sealing.open(sealed, place).reveal()).toBe(text)
      if (text.length > 8) expect(sealed).not.toContain(text)
      if (other !== place) expect(() => sealing.open(sealed, other)).toThrow('not what was written there')
    }),
    { numRuns: 50 },
  )
})

test('notices every change', () => {
  const sealing = createSealing([old])
  const sealed = JSON.parse(sealing.seal(new Secret('sk-own'), 'here')) as { master: string; key: string; text: string }
  for (const member of ['key', 'text'] as const) {
    const bytes = Buffer.from(sealed[member], 'base64url')
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes)
      changed[index] = changed[index]! ^ 1
      const broken = JSON.stringify({ ...sealed, [member]: changed.toString('base64url') })
      expect(() => sealing.open(broken, 'here')).toThrow('not what was written there')
    }
  }
})

test('a new master key takes over without the secrets being written anew', () => {
  const sealed = createSealing([old]).seal(new Secret('sk-own'), 'here')
  const both = createSealing([fresh, old])
  expect(both.open(sealed, 'here').reveal()).toBe('sk-own')
  const renewed = both.renew(sealed, 'here') ?? ''
  expect((JSON.parse(renewed) as { text: string }).text).toBe((JSON.parse(sealed) as { text: string }).text)
  expect(both.renew(renewed, 'here')).toBeUndefined()
  expect(createSealing([fresh]).open(renewed, 'here').reveal()).toBe('sk-own')
  expect(() => createSealing([fresh]).open(sealed, 'here')).toThrow('SLUICE_MASTER_KEY')
})

test('without a master key nothing is sealed', () => {
  expect(() => createSealing([]).seal(new Secret('sk-own'), 'here')).toThrow('Set SLUICE_MASTER_KEY')
})
