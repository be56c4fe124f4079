import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { SluiceError } from '@sluice/protocol'
import { Secret } from 'sluice'
import { makeDirectory } from '../stores/make-directory.ts'

const fileName = 'key-pepper'

/** Whether keys were ever managed with this data directory. */
export function hasPepper(directory: string): boolean {
  return existsSync(join(directory, fileName))
}

/**
 * The secret that keys are hashed with, of the data directory; made there, readable to its owner alone, when it is first
 * needed. Processes that make it at once agree on one.
 *
 * @throws SluiceError `store_unavailable`
 */
export function loadPepper(directory: string): Secret {
  const path = join(resolve(directory), fileName)
  let pepper: string
  try {
    if (!existsSync(path)) makePepper(directory, path)
    pepper = readFileSync(path, 'utf8').trim()
  } catch (cause) {
    throw new SluiceError(
      'store_unavailable',
      `The secret that keys are hashed with cannot be read or written at ${path}. Set server.data_dir (SLUICE_DATA_DIR) to a folder that this process may write to, or give SLUICE_KEY_PEPPER.`,
      { cause },
    )
  }
  if (pepper.length >= 32) return new Secret(pepper)
  throw new SluiceError(
    'store_unavailable',
    `The secret that keys are hashed with is broken: ${path} is not what was written there. Bring it back from a backup; without it no managed key is valid.`,
  )
}

/** What is in the database is of another one: no time mends that. */
export class OtherPepper extends SluiceError {
  constructor() {
    super(
      'store_unavailable',
      'The keys in the database were hashed with another secret than this gateway has, so none of them would be known. Give SLUICE_KEY_PEPPER (server.key_pepper) the value that the other gateways have: their `key-pepper` file in server.data_dir, or that variable.',
    )
  }
}

/** Written whole before it has its name: nobody reads half of it, and the first one counts. */
function makePepper(directory: string, path: string): void {
  makeDirectory(resolve(directory))
  const draft = `${path}.${randomUUID()}`
  writeFileSync(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
}
