import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

/**
 * PostgreSQL with the extension `vector`, which few have installed: PostgreSQL's own code, and pgvector's, compiled to
 * WebAssembly, in this process. It has one database and runs one statement at a time, of all connections.
 */
export interface PgvectorServer extends AsyncDisposable {
  readonly url: string
}

/** @param schema that the extension is in; made where it is not there. */
export async function startPgvector(schema = 'public'): Promise<PgvectorServer> {
  const database = await PGlite.create({ extensions: { vector } })
  await database.exec(`create schema if not exists "${schema}"; create extension vector schema "${schema}";`)
  const server = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port: 0, maxConnections: 10 })
  await server.start()
  return {
    url: `postgres://postgres:postgres@${server.getServerConn()}/postgres`,
    async [Symbol.asyncDispose]() {
      await server.stop()
      await database.close()
    },
  }
}
