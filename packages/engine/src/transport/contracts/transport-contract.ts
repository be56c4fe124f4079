import { describe } from 'vitest'
import type { Transport } from '../transport.ts'
import { answersContract } from './answers.ts'
import { failuresContract } from './failures.ts'
import { flowContract } from './flow.ts'
import { createRig } from './rig.ts'
import { uploadsContract } from './uploads.ts'

/** What every transport promises, against real servers. */
export function transportContract(name: string, create: () => Transport): void {
  describe(`${name} as a transport`, () => {
    const rig = createRig(create)
    answersContract(rig)
    failuresContract(rig)
    flowContract(rig)
    uploadsContract(rig)
  })
}
