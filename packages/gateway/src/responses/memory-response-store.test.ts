import { createMemoryResponseStore } from './memory-response-store.ts'
import { describeResponseStore } from './contracts/response-store-contract.ts'

describeResponseStore('in memory', createMemoryResponseStore)
