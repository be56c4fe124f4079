/** What a simulator keeps from one request to the next: files and batches. */
export interface Shelf {
  readonly files: Map<string, ShelvedFile>
  readonly batches: Map<string, ShelvedBatch>
}

export interface ShelvedFile {
  readonly id: string
  readonly filename: string
  readonly purpose: string
  readonly content: Buffer
}

export interface ShelvedBatch {
  readonly id: string
  readonly endpoint: string
  readonly inputFileId: string
  readonly completionWindow: string
  readonly metadata: unknown
  status: 'validating' | 'in_progress' | 'completed' | 'cancelling' | 'cancelled'
  outputFileId: string | undefined
  total: number
}

export function createShelf(): Shelf {
  return { files: new Map(), batches: new Map() }
}
