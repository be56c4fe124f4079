import type { Contender } from './contender.ts'

export const direct: Contender = {
  id: 'direct',
  name: 'direct (no proxy)',
  readyPath: '/',
  headers: () => ({}),
  unavailable: () => Promise.resolve(undefined),
  version: () => '',
}
