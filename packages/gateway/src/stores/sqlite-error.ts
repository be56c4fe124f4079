import { SluiceError } from '@sluice/protocol'

/** Primary result codes that are the disk's, not the statement's. https://www.sqlite.org/rescode.html */
const ofTheDisk: Readonly<Record<number, string>> = {
  5: 'Another process holds it; try again.',
  6: 'Another statement holds it; try again.',
  8: 'Give this process the right to write there.',
  10: 'Check the disk.',
  11: 'Restore it from a backup.',
  13: 'Make room on the disk.',
  14: 'Check that the folder is there and that this process may write to it.',
  26: 'It is no database; move it away.',
}

/** What a failure of SQLite is for whoever waits for its answer: `store_unavailable` where the statement is not to blame. */
export function sqliteError(error: unknown): unknown {
  const errcode = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0
  const wayOut = ofTheDisk[errcode & 0xff]
  if (wayOut === undefined || !(error instanceof Error)) return error
  return new SluiceError(
    'store_unavailable',
    `The database in the data directory cannot be used: ${error.message}. ${wayOut}`,
    {
      cause: error,
    },
  )
}
