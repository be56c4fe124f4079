import type { OptionRow } from './option-row.ts'

/** What the options of the cache mean. */
export const cacheOptions: Readonly<Record<string, OptionRow>> = {
  cache: {
    type: 'group',
    default: '',
    meaning: 'Keep answers and [give them again](caching.md). Without it every request goes to a provider.',
  },
  'cache.store': {
    type: '`memory`, `database`, `redis`',
    default: '`redis` with `server.redis_url`, else `memory`',
    meaning:
      'Where answers are [kept](caching.md#where-answers-are-kept): in each process, in the database of the gateway, or in Redis.',
  },
  'cache.ttl': { type: 'seconds', default: '3600', meaning: 'How long an answer is kept.' },
  'cache.max_bytes': {
    type: 'whole number',
    default: '67108864',
    meaning: 'The most that all kept answers take together, in bytes.',
  },
  'cache.max_entry_bytes': {
    type: 'whole number',
    default: '1048576',
    meaning: 'The most that one answer takes, in bytes; longer ones are not kept.',
  },
  'cache.share': {
    type: '`key`, `workspace`, `organisation`, `all`',
    default: 'key',
    meaning: 'Whose answers a caller may be given.',
  },
  'cache.by_default': {
    type: 'true or false',
    default: 'true',
    meaning: 'Also for requests without `x-sluice-cache: on`.',
  },
  'cache.semantic': {
    type: 'group',
    default: '',
    meaning: 'Also give answers to [similar questions](caching.md#questions-that-are-alike).',
  },
  'cache.semantic.model': {
    type: 'text',
    default: '',
    meaning: 'Required. An embedding model, of any provider, or a route.',
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
    meaning: 'Also for requests without `x-sluice-cache: semantic`.',
  },
  'cache.semantic.max_temperature': {
    type: 'number, 0 to 2',
    default: '1',
    meaning:
      'Requests with a higher temperature are left out, since they want another answer each time. No temperature counts as 1.',
  },
  'cache.semantic.max_entries': {
    type: 'whole number',
    default: '5000',
    meaning:
      'Questions that a process remembers, of all callers; of requests that differ in nothing else, the last 1,000. With pgvector, none.',
  },
  'cache.semantic.timeout': {
    type: 'seconds',
    default: '2',
    meaning: 'How long a caller waits for an embedding at most; then the request goes on without it.',
  },
}
