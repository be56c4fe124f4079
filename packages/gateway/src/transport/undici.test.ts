import { transportContract } from '../../../engine/src/transport/contracts/transport-contract.ts'
import { createUndiciTransport } from './undici.ts'

transportContract('undici', () => createUndiciTransport())
