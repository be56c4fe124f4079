import { SluiceError } from '@sluice/protocol'
import { Secret } from 'sluice'
import { expect, onTestFinished, test } from 'vitest'
import { localActor } from '../access/actor.ts'
import { type Database, openDatabase } from '../stores/database.ts'
import type { AdminAnswer, AdminRequest } from './admin-request.ts'
import { createIdempotentAnswers, type IdempotentAnswers } from './idempotent-answers.ts'

const request: AdminRequest = {
  method: 'POST',
  path: '/keys',
  query: new URLSearchParams(),
  body: { name: 'a' },
  actor: localActor,
}
const answer: AdminAnswer = { status: 201, body: { key: 'shown once' }, replayed: false }

async function open(): Promise<{ readonly database: Database; readonly answers: IdempotentAnswers }> {
  const database = await openDatabase(':memory:')
  onTestFinished(() => database.destroy())
  return { database, answers: createIdempotentAnswers(database, new Secret('x'.repeat(32)), Date.now) }
}

function loseAll(database: Database): Promise<void> {
  return database.schema.dropTable('idempotent_answers').execute()
}

test('what was done is answered, also where the answer cannot be kept', async () => {
  const { database, answers } = await open()
  const asked = answers.once('key', request, async () => {
    await loseAll(database)
    return answer
  })
  expect(await asked).toEqual(answer)
})

test('why something was not done is told, also where it cannot be taken back', async () => {
  const { database, answers } = await open()
  const asked = answers.once('key', request, async () => {
    await loseAll(database)
    throw new SluiceError('permission_denied', 'No.')
  })
  await expect(asked).rejects.toThrow('No.')
})

test('a failure is not remembered, an answer is', async () => {
  const { answers } = await open()
  const failed = answers.once('key', request, () => Promise.reject(new SluiceError('permission_denied', 'No.')))
  await expect(failed).rejects.toThrow('No.')
  expect(await answers.once('key', request, () => Promise.resolve(answer))).toEqual(answer)
  const again = answers.once('key', request, () => Promise.reject(new Error('asked twice')))
  expect(await again).toEqual({ ...answer, replayed: true })
})
