import type { OptionRow } from './option-row.ts'

/** What the options of the cache mean. */
export const cacheOptions: Readonly<Record<string, OptionRow>> = {
  cache: {
    type: 'group',
    default: '',
    meaning: 'Give answers [again](caching.md) that were given before. Without it every request is asked anew.',
  },
  'cache.ttl': { type: 'seconds', default: '3600', meaning: 'How long an answer is kept.' },
  'cache.max_bytes': { type: 'whole number', default: '67108864', meaning: 'Of all kept answers together, in bytes.' },
  'cache.max_entry_bytes': {
    type: 'whole number',
    default: '1048576',
    meaning: 'Of one answer, in bytes; longer ones are not kept.',
  },
  'cache.share': {
    type: '`key`, `workspace`, `organisation`, `all`',
    default: 'key',
    meaning: 'Whose answers a caller may be given.',
  },
  'cache.by_default': {
    type: 'true or false',
    default: 'true',
    meaning: 'Answer requests from it that do not say so (`x-sluice-cache: on`).',
  },
  'cache.semantic': {
    type: 'group',
    default: '',
    meaning: 'Give answers to [questions that are alike](caching.md#questions-that-are-alike) too.',
  },
  'cache.semantic.model': {
    type: 'text',
    default: '',
    meaning: 'Required. A model for embeddings, of any provider, or a route.',
  },
  'cache.semantic.threshold': {
    type: 'number, 0.5 to 1',
    default: '0.97',
    meaning: 'How alike two questions must be: the cosine of their embeddings.',
  },
  'cache.semantic.share': {
    type: '`key`, `workspace`, `organisation`, `all`',
    default: '`cache.share`',
    meaning: 'Whose answers a caller may be given.',
  },
  'cache.semantic.by_default': {
    type: 'true or false',
    default: 'false',
    meaning: 'For requests that do not say so (`x-sluice-cache: semantic`).',
  },
  'cache.semantic.max_temperature': {
    type: 'number, 0 to 2',
    default: '1',
    meaning: 'A request with a higher temperature wants another answer each time. One that says none counts as 1.',
  },
  'cache.semantic.max_entries': {
    type: 'whole number',
    default: '5000',
    meaning: 'Questions that are remembered in a process, of all callers; of alike requests the last 1,000.',
  },
  'cache.semantic.timeout': {
    type: 'seconds',
    default: '2',
    meaning: 'How long a caller may have to wait for an embedding; later, the request is asked without.',
  },
}
