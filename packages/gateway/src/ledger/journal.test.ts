import { appendFileSync, chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { Journal, type JournalOptions } from './journal.ts'
import { takeOrphans } from './journal-files.ts'

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-journal-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function open(dataDirectory: string, options: Partial<JournalOptions> = {}): Journal {
  const journal = new Journal({
    dataDirectory,
    maxBytes: 1024 * 1024,
    dropOldest: true,
    pending: () => undefined,
    failed: () => undefined,
    now: () => 0,
    ...options,
  })
  onTestFinished(() => journal.close())
  return journal
}

/** All that is there now, which is then kept elsewhere. */
function drain(journal: Journal): string[] {
  const lines: string[] = []
  for (let chunk = journal.take(); chunk !== undefined; chunk = journal.take()) {
    lines.push(...chunk.lines)
    chunk.done(chunk.lines.length)
  }
  return lines
}

const filesOf = (folder: string): string[] =>
  readdirSync(join(folder, 'ledger')).filter((name) => name.endsWith('.jsonl'))
const linesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index} é`)

test('gives back what was appended, in order, once, across its files', () => {
  const journal = open(newFolder(), { segmentBytes: 100 })
  const lines = linesOf(50)
  for (const line of lines.slice(0, 30)) journal.append(`${line}\n`)
  const before = drain(journal)
  for (const line of lines.slice(30)) journal.append(`${line}\n`)
  expect([...before, ...drain(journal)]).toEqual(lines)
  expect(drain(journal)).toEqual([])
  expect(journal.waiting).toBe(0)
})

test('what was read and not kept is read again', () => {
  const journal = open(newFolder())
  journal.append('a\n')
  expect(journal.take()?.lines).toEqual(['a'])
  journal.append('b\n')
  expect(drain(journal)).toEqual(['a', 'b'])
})

test('nothing is made before the first line, and nothing stays after the last was kept', () => {
  const folder = newFolder()
  const journal = open(folder)
  expect(readdirSync(folder)).toEqual([])
  journal.append('a\n')
  drain(journal)
  journal.close()
  expect(readdirSync(join(folder, 'ledger'))).toEqual([])
})

test('files of which all is kept are removed', () => {
  const folder = newFolder()
  const journal = open(folder, { segmentBytes: 50 })
  for (const line of linesOf(40)) journal.append(`${line}\n`)
  expect(filesOf(folder).length).toBeGreaterThan(5)
  drain(journal)
  expect(filesOf(folder)).toHaveLength(1)
  expect(journal.bytes).toBeLessThan(100)
})

test('says once that there is something, until it was read', () => {
  let told = 0
  const journal = open(newFolder(), { pending: () => told++ })
  for (const line of linesOf(3)) journal.append(`${line}\n`)
  expect(told).toBe(1)
  drain(journal)
  journal.append('more\n')
  expect(told).toBe(2)
})

test('what is gathered in one turn is written before that which waits for it goes out', async () => {
  const folder = newFolder()
  const journal = open(folder)
  const seen: string[] = []
  const look = (): void => void seen.push(readFileSync(join(folder, 'ledger', filesOf(folder)[0]!), 'utf8'))
  journal.append('first\n')
  for (const line of ['a', 'b']) {
    journal.gather(`${line}\n`)
    journal.whenWritten(look)
  }
  expect(seen).toEqual([])
  await setImmediate()
  expect(seen).toEqual(['first\na\nb\n', 'first\na\nb\n'])
  journal.whenWritten(look)
  expect(seen).toHaveLength(3)
  expect(journal.waiting).toBe(3)
})

test('what is gathered is in what is read, and stays when the journal is closed', () => {
  const folder = newFolder()
  const journal = open(folder)
  journal.gather('a\n')
  expect(drain(journal)).toEqual(['a'])
  journal.gather('b\n')
  journal.close()
  expect(readFileSync(join(folder, 'ledger', filesOf(folder)[0]!), 'utf8')).toContain('b\n')
})

test('what cannot be written keeps no answer back', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'ledger'), '')
  const journal = open(folder)
  let sent = 0
  for (const line of linesOf(3)) {
    journal.gather(`${line}\n`)
    journal.whenWritten(() => sent++)
  }
  await setImmediate()
  expect([sent, journal.lost]).toEqual([3, 3])
})

test('at its limit the oldest lines give way, and are counted', () => {
  const journal = open(newFolder(), { maxBytes: 400, segmentBytes: 100 })
  const lines = linesOf(100)
  for (const line of lines) journal.append(`${line}\n`)
  expect(journal.bytes).toBeLessThanOrEqual(500)
  const kept = drain(journal)
  expect(kept).toEqual(lines.slice(-kept.length))
  expect(journal.dropped + kept.length).toBe(lines.length)
})

test('where requests are refused instead, nothing gives way: those under way are kept beyond the limit', () => {
  const journal = open(newFolder(), { maxBytes: 400, segmentBytes: 100, dropOldest: false })
  const lines = linesOf(100)
  for (const line of lines) journal.append(`${line}\n`)
  expect(journal.full).toBe(true)
  expect(drain(journal)).toEqual(lines)
  expect(journal.full).toBe(false)
  expect(journal.dropped).toBe(0)
})

test('what is left by a process that is gone is taken by one other, and what is alive by none', () => {
  const folder = newFolder()
  const dead = open(folder, { segmentBytes: 50 })
  for (const line of linesOf(10)) dead.append(`${line}\n`)
  const alive = open(folder)
  alive.append('mine\n')
  expect([...takeOrphans(folder, () => undefined)]).toEqual([])
  dead.close()
  const [orphan, ...others] = [...takeOrphans(folder, () => alive.writer)]
  expect(others).toEqual([])
  expect(orphan?.files.length).toBeGreaterThan(1)
  // Held by now.
  expect([...takeOrphans(folder, () => alive.writer)]).toEqual([])
  orphan?.remove()
  expect(filesOf(folder)).toHaveLength(1)
  expect(drain(alive)).toEqual(['mine'])
})

test('a line that was not written to its end is left out', () => {
  const folder = newFolder()
  const journal = open(folder)
  journal.append('whole\n')
  appendFileSync(join(folder, 'ledger', filesOf(folder)[0]!), '[1,2,"bro')
  expect(journal.take()?.lines).toEqual(['whole'])
})

test('streams that are under way are in the newest file, so that older ones may go', () => {
  const folder = newFolder()
  const journal = open(folder, { segmentBytes: 60 })
  journal.begin(1, 'begun 1\n')
  journal.begin(2, 'begun 2\n')
  journal.append('ended 2\n')
  journal.end(2)
  for (const line of linesOf(20)) journal.append(`${line}\n`)
  drain(journal)
  for (const line of linesOf(20)) journal.append(`${line}\n`)
  expect(drain(journal)).toContain('begun 1')
  expect(drain(journal)).not.toContain('begun 2')
})

test('more streams under way than a file has room for begin no new file with each line', () => {
  const folder = newFolder()
  const journal = open(folder, { maxBytes: 1_000, segmentBytes: 50 })
  for (let number = 0; number < 100; number++) journal.begin(number, `begun ${number}\n`)
  drain(journal)
  const lines = linesOf(60)
  for (const line of lines) {
    journal.append(`${line}\n`)
    expect(filesOf(folder).length).toBeLessThanOrEqual(4)
  }
  const kept = drain(journal)
  expect(kept.filter((line) => line.startsWith('line'))).toEqual(lines)
  expect(kept.filter((line) => line === 'begun 0').length).toBeLessThanOrEqual(3)
  expect([journal.dropped, journal.full]).toEqual([0, false])
})

test.each([
  ['', 2_000],
  [', also where the clock is put back', -3_600_000],
])(
  'a directory that cannot be written to fails no request, is told, and is used again when it can be%s',
  (_, later) => {
    const folder = newFolder()
    // A file in the place of the directory: for root no permission is missing.
    writeFileSync(join(folder, 'ledger'), '')
    let time = Date.UTC(2026, 10, 21)
    const failures: unknown[] = []
    const journal = open(folder, { failed: (error) => failures.push(error), now: () => time })
    journal.append('lost\n')
    expect(failures).toHaveLength(1)
    expect(journal).toMatchObject({ lost: 1, failure: expect.any(Error) as Error })
    rmSync(join(folder, 'ledger'))
    time += later
    journal.append('kept\n')
    expect(drain(journal)).toEqual(['kept'])
    expect(journal.failure).toBeUndefined()
  },
)

test('a file that somebody removed is waited for no longer', () => {
  const folder = newFolder()
  const journal = open(folder, { segmentBytes: 20 })
  for (const line of linesOf(4)) journal.append(`${line}\n`)
  chmodSync(join(folder, 'ledger'), 0o700)
  rmSync(join(folder, 'ledger', filesOf(folder)[0]!))
  expect(drain(journal).length).toBeGreaterThan(0)
  expect(journal.lost).toBeGreaterThan(0)
})
