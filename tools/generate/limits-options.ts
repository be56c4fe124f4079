import type { OptionRow } from './option-row.ts'

const subjects = '`key`, `user`, `team`, `site`, `project`, `organisation`, `tag`, `model`, `provider` or `all`'

function count(meaning: string): OptionRow {
  return { type: 'whole number', default: 'no limit', meaning }
}

function match(path: string): Readonly<Record<string, OptionRow>> {
  const list = (meaning: string): OptionRow => ({ type: 'list of patterns', default: 'all', meaning })
  return {
    [path]: {
      type: 'group',
      default: 'all',
      meaning: 'Whom the rule is for. In patterns `*` stands for anything, and a leading `!` excludes.',
    },
    [`${path}.keys`]: list('Ids of keys; those of `server.keys` are `key-1`, `key-2`, …'),
    [`${path}.users`]: list('Ids of users.'),
    [`${path}.workspaces`]: list('Ids of teams, sites and projects.'),
    [`${path}.organisations`]: list('Ids of organisations.'),
    [`${path}.tags`]: list('Tags; a key must have one of them.'),
    [`${path}.models`]: list('Models that a request went to, as their provider names them, or `provider/model`.'),
    [`${path}.providers`]: list('Ids of providers that a request went to.'),
  }
}

/** What every option of `limits` and `budgets` means. */
export const limitsOptions: Readonly<Record<string, OptionRow>> = {
  limits: { type: 'group', default: '', meaning: 'How much callers may [ask for](limits.md).' },
  'limits.rules': {
    type: 'list of groups',
    default: '[]',
    meaning: 'All that apply to a request must have room for it.',
  },
  'limits.rules[].name': { type: 'text', default: '–', meaning: 'What it is called in lists.' },
  'limits.rules[].per': {
    type: subjects,
    default: 'required',
    meaning: 'What is counted together: each of them has the limit for itself.',
  },
  ...match('limits.rules[].match'),
  'limits.rules[].requests_per_minute': count('Requests in any minute.'),
  'limits.rules[].requests_per_hour': count('Requests in any hour.'),
  'limits.rules[].requests_per_day': count('Requests in any 24 hours.'),
  'limits.rules[].tokens_per_minute': count('Tokens of input and output together, in any minute.'),
  'limits.rules[].tokens_per_hour': count('As before, in any hour.'),
  'limits.rules[].tokens_per_day': count('As before, in any 24 hours.'),
  'limits.rules[].input_tokens_per_minute': count('Tokens of input in any minute.'),
  'limits.rules[].output_tokens_per_minute': count('Tokens of output in any minute.'),
  'limits.rules[].concurrent_requests': count('Requests that are under way at once.'),
  'limits.replicas': {
    type: 'whole number',
    default: '1',
    meaning: 'How many gateways share the limits: while Redis is lost, each counts up to its share.',
  },
  'limits.when_lost': {
    type: '`fail-open` or `fail-closed`',
    default: 'fail-open',
    meaning:
      'While [Redis is lost](limits.md#when-redis-is-lost): each gateway counts for itself, or refuses with 503.',
  },
  budgets: { type: 'group', default: '', meaning: 'What callers may [spend](budgets.md).' },
  'budgets.rules': {
    type: 'list of groups',
    default: '[]',
    meaning: 'All that apply to a request must have room for it.',
  },
  'budgets.rules[].name': {
    type: 'text',
    default: '`PERIOD-PER-NUMBER`',
    meaning:
      'Its name in messages, events and counters. With a new name it is counted anew, from what the ledger says was spent.',
  },
  'budgets.rules[].per': {
    type: subjects,
    default: 'required',
    meaning: 'What is counted together: each of them has the budget for itself.',
  },
  ...match('budgets.rules[].match'),
  'budgets.rules[].amount': { type: 'USD', default: 'required', meaning: 'What may be spent in each period.' },
  'budgets.rules[].period': {
    type: '`daily`, `weekly`, `monthly` or `total`',
    default: 'monthly',
    meaning: 'How long until it starts over; `total` never does.',
  },
  'budgets.rules[].time_zone': {
    type: 'IANA name',
    default: 'UTC',
    meaning: 'Where it is midnight when a day begins.',
  },
  'budgets.rules[].reset_day': {
    type: 'whole number',
    default: '1',
    meaning:
      'The day on which a period begins. Of weeks: 1 (Monday) to 7. Of months: 1 to 31, or the last day of shorter ones.',
  },
  'budgets.rules[].alert_at': {
    type: 'list of shares',
    default: '[0.8]',
    meaning: 'When these shares of the amount are spent, there is an event `budget.threshold`, once each.',
  },
  'budgets.rules[].stop': {
    type: 'true or false',
    default: 'true',
    meaning: 'Refuse requests with 402 when there is no room for them. `false`: only tell of it, by the event.',
  },
  'budgets.rules[].raise': { type: 'group', default: '', meaning: 'More for a while.' },
  'budgets.rules[].raise.by': {
    type: 'USD',
    default: 'required',
    meaning: 'How much more may be spent until then.',
  },
  'budgets.rules[].raise.until': {
    type: 'ISO 8601 time',
    default: 'required',
    meaning: 'When the raise ends: `2026-12-01T00:00:00Z`.',
  },
  'budgets.unpriced': {
    type: '`allow`, `refuse`, or USD',
    default: 'allow',
    meaning:
      'Requests for models of [unknown price](budgets.md#models-without-a-price): let them pass uncounted, refuse them with 402, or count this much for each.',
  },
  'budgets.overrun': {
    type: '`extend`, `cut` or `allow`',
    default: 'extend',
    meaning:
      'Streams that cost more than was [reserved](budgets.md#what-is-reserved): reserve more, and end them when there is none; end them at once; let them finish.',
  },
  'budgets.assumed_output_tokens': {
    type: 'whole number',
    default: '4096',
    meaning: 'Output that is reserved for requests that give no maximum.',
  },
}
