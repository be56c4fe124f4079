import { transportContract } from './contracts/transport-contract.ts'
import { createFetchTransport } from './fetch.ts'

transportContract('fetch', () => createFetchTransport())
