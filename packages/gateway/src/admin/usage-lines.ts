/** Of the records of the admin API; what they count is in columns of its own. */
const columns = [
  'id',
  'request_id',
  'at',
  'key_id',
  'organisation_id',
  'workspace_id',
  'workspace_kind',
  'user_id',
  'tags',
  'operation',
  'requested_model',
  'provider',
  'model',
  'stream',
  'outcome',
  'error_code',
  'estimated',
  'processing',
  'cost_nano_usd',
  'cost_source',
  'price_version',
  'finish_reason',
  'duration_ms',
  'time_to_first_token_ms',
  'attempts',
] as const
const counts = [
  'input',
  'cache_read',
  'cache_write',
  'cache_write_long',
  'audio_input',
  'image_input',
  'output',
  'reasoning',
  'audio_output',
  'image_output',
  'rejected_prediction',
  'searches',
  'audio_seconds',
  'characters',
] as const

/** What stands before the first record. */
export function recordHead(format: 'csv' | 'jsonl'): string {
  return format === 'csv' ? `${[...columns, ...counts].join(',')}\r\n` : ''
}

export function recordLine(record: Readonly<Record<string, unknown>>, format: 'csv' | 'jsonl'): string {
  if (format === 'jsonl') return `${JSON.stringify(record)}\n`
  const usage = (record['usage'] ?? {}) as Readonly<Record<string, unknown>>
  const cells = [...columns.map((name) => cellOf(name, record[name])), ...counts.map((name) => asText(usage[name]))]
  return `${cells.map(quoted).join(',')}\r\n`
}

function cellOf(name: string, value: unknown): string {
  if (name === 'attempts') return String((value as readonly unknown[]).length)
  return Array.isArray(value) ? value.join(' ') : asText(value)
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value)
}

/** RFC 4180. What a spreadsheet would take for a formula is made a text: callers choose names of models. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
