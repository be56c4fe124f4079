import { describe } from 'vitest'
import type { Transport } from '../transport.ts'
import { answersContract } from './answers.ts'
import { failuresContract } from './failures.ts'
import { flowContract } from './flow.ts'
import { createRig } from './rig.ts'
import { uploadsContract } from './uploads.ts'

/** What every transport promises, against real servers. */
export function transportContract(name: string, create: () => Transport): void {
  // Which connection carries a call is the platform's choice: its fetch opens a spare one after an abort, and a test
  // that waits for the first may meet that instead. A real fault fails every time.
  describe(`${name} as a transport`, { retry: 2 }, () => {
    const rig = createRig(create)
    answersContract(rig)
    failuresContract(rig)
    flowContract(rig)
    uploadsContract(rig)
  })
}
