import type { OptionRow } from './option-row.ts'

/** What the options of responses, files, batches and the ledger mean: what is kept of requests. */
export const keptOptions: Readonly<Record<string, OptionRow>> = {
  responses: { type: 'group', default: '', meaning: 'What is kept for callers of the [Responses API](responses.md).' },
  'responses.store': {
    type: 'true or false',
    default: 'true',
    meaning:
      'Keep answers, unless a request says `store: false`, so that callers can continue from them by `previous_response_id` and fetch them again.',
  },
  'responses.ttl': {
    type: 'seconds',
    default: '2592000',
    meaning: 'How long an answer is kept, counted from the last one that continues from it: 30 days.',
  },
  'responses.max_bytes': {
    type: 'whole number',
    default: '1073741824',
    meaning: 'The most that all kept answers take, about; beyond it the oldest goes. In memory, 64 MiB at most.',
  },
  batches: { type: 'group', default: '', meaning: 'Files that are kept and [batches](batches.md) that are run here.' },
  'batches.concurrency': {
    type: 'whole number',
    default: '4',
    meaning: 'Lines that are under way at once, of all batches together.',
  },
  'batches.max_file_bytes': {
    type: 'whole number',
    default: '536870912',
    meaning: 'The largest file that is taken: 512 MiB. It goes to the disk as it comes.',
  },
  ledger: { type: 'group', default: '', meaning: 'What is kept of [what requests used](usage.md).' },
  'ledger.enabled': {
    type: 'true or false',
    default: 'true',
    meaning: 'Keep a record of every request: who asked, who answered, tokens, cost. Nothing of what was said.',
  },
  'ledger.max_journal_bytes': {
    type: 'whole number',
    default: '1073741824',
    meaning:
      'How much is written down in `server.data_dir` while the database cannot be written to: 1 GiB, about 2.5 million records.',
  },
  'ledger.when_full': {
    type: '`drop-oldest` or `refuse`',
    default: 'drop-oldest',
    meaning: 'What gives way then: the oldest records, or requests, which are refused with 503.',
  },
  'ledger.keep_records': {
    type: 'seconds',
    default: '7776000',
    meaning: 'How long a record is kept: 90 days. `0` is for ever.',
  },
  'ledger.keep_sums': {
    type: 'seconds',
    default: '0',
    meaning: 'How long the sums of days are kept, which outlive their records. `0` is for ever.',
  },
}
