import type { OptionRow } from './option-row.ts'

/** `server.cors`. */
export const corsOptions: Readonly<Record<string, OptionRow>> = {
  'server.cors': {
    type: 'group',
    default: 'none may',
    meaning: 'Which [web pages of other origins](runtimes.md#a-page-by-a-gateway) may call.',
  },
  'server.cors.origins': {
    type: 'list of texts, or `*`',
    default: '',
    meaning:
      'Required. Scheme, host and port of the pages: `https://app.example.com`. `*` lets all pages call, but none the admin API.',
  },
  'server.cors.headers': {
    type: 'list of texts',
    default: '[]',
    meaning: 'What pages may send besides keys and the headers of the SDKs: `x-tier`.',
  },
  'server.cors.max_age': {
    type: 'seconds',
    default: '3600',
    meaning: 'How long a browser need not ask again; browsers have limits of their own.',
  },
}
