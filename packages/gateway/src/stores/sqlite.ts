import { chmodSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import { LRUCache } from 'lru-cache'
import { makeDirectory } from './make-directory.ts'
import { databaseName } from './place.ts'
import { sqliteError } from './sqlite-error.ts'

/**
 * Opens `sluice.db` in a directory, which is made for its owner alone where it is missing; `:memory:` keeps all in
 * memory. Write-ahead logging, synced at checkpoints: what was committed outlives the death of the process, and of the
 * machine but for its last moments.
 */
export function openSqlite(directory: string): SqliteDatabase {
  // By name at run time: who never stores anything never loads it.
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  if (directory !== ':memory:') makeDirectory(resolve(directory))
  const path = directory === ':memory:' ? directory : join(directory, databaseName)
  const database = new DatabaseSync(path)
  // The files of its log get the same mode.
  if (directory !== ':memory:') chmodSync(path, 0o600)
  database.exec(`
    pragma busy_timeout = ${longestWait};
    pragma synchronous = normal;
    pragma foreign_keys = on;
  `)
  writeAhead(database)
  return adapt(database)
}

/** Milliseconds that a statement waits for another process. */
const longestWait = 5000
const busy = 5

/** Where another process is just changing a new database's mode too, SQLite waits for nobody and says that it is busy. */
function writeAhead(database: DatabaseSync): void {
  const deadline = performance.now() + longestWait
  for (;;) {
    try {
      return database.exec('pragma journal_mode = wal')
    } catch (error) {
      if ((error as { errcode?: number }).errcode !== busy || performance.now() > deadline) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

/**
 * Begins a statement that is run for each of its parameters, which are rows: the fastest way to write many. Gives
 * `{ changes }` for each.
 */
export const forEachRow = '/* for each row */ '

/** As many statements as are kept ready: to prepare one takes longer than to run most. */
const readyStatements = 200

/** As Kysely's dialect for SQLite wants to see a database. */
function adapt(database: DatabaseSync): SqliteDatabase {
  const ready = new LRUCache<string, SqliteStatement>({ max: readyStatements })

  function prepareForEachRow(text: string): SqliteStatement {
    const statement = attempt(() => database.prepare(text))
    const run = (row: unknown): unknown => statement.run(...(row as SQLInputValue[]))
    return { ...prepare(text), reader: true, all: (rows) => attempt(() => rows.map(run)) }
  }

  function prepare(text: string): SqliteStatement {
    // A transaction that reads first and writes later fails at once when another process wrote between; one that
    // says so at its beginning waits for its turn.
    const statement = attempt(() => database.prepare(text === 'begin' ? 'begin immediate' : text))
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => attempt(() => statement.all(...(parameters as SQLInputValue[]))),
      run: (parameters) => attempt(() => statement.run(...(parameters as SQLInputValue[]))),
      // One of its own: two readers of one statement would take each other's rows.
      iterate: (parameters) =>
        database.prepare(text).iterate(...(parameters as SQLInputValue[])) as IterableIterator<unknown>,
    }
  }

  return {
    close: () => database.close(),
    prepare(text) {
      let statement = ready.get(text)
      if (statement === undefined) {
        statement = text.startsWith(forEachRow) ? prepareForEachRow(text) : prepare(text)
        ready.set(text, statement)
      }
      return statement
    },
  }
}

function attempt<Result>(run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    throw sqliteError(error)
  }
}
