import { createHash } from 'node:crypto'
import { SluiceError } from '@sluice/protocol'
import { type NumberedLine, readBatchLine } from './batch-line.ts'

/** As OpenAI tells what is wrong with a batch. */
export interface BatchProblem {
  readonly code: string
  readonly line: number | null
  readonly message: string
  readonly param: string | null
}

/** What OpenAI allows. https://platform.openai.com/docs/guides/batch#rate-limits */
const mostLines = 50_000
const mostProblems = 100

/** Reads all of an input before anything of it is run. @returns how many requests it has, and what is wrong with them. */
export async function validateBatch(
  lines: AsyncIterable<NumberedLine>,
  endpoint: string,
): Promise<{ readonly total: number; readonly problems: readonly BatchProblem[] }> {
  const problems: BatchProblem[] = []
  const seen = new Set<string>()
  let total = 0
  try {
    for await (const { number, bytes } of lines) {
      total++
      if (total > mostLines) {
        problems.push(problem('too_many_tasks', null, `A batch has at most ${mostLines} requests.`))
        break
      }
      const found = problemOf(bytes, number, endpoint, seen)
      if (found !== undefined) problems.push(found)
      if (problems.length === mostProblems) break
    }
  } catch (error) {
    const tooLong = lineTooLong(error)
    if (tooLong === undefined) throw error
    problems.push(tooLong)
  }
  if (total === 0 && problems.length === 0)
    problems.push(problem('empty_file', null, 'The input file is empty. It must have at least one request.'))
  return { total, problems }
}

/** `undefined` for another failure of reading an input. */
export function lineTooLong(error: unknown): BatchProblem | undefined {
  if (!(error instanceof SluiceError) || error.code !== 'body_too_large') return undefined
  return problem('line_too_long', null, error.message)
}

function problemOf(bytes: Uint8Array, number: number, endpoint: string, seen: Set<string>): BatchProblem | undefined {
  let line: ReturnType<typeof readBatchLine>
  try {
    line = readBatchLine(bytes)
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    if (error.param === undefined)
      return problem('invalid_json_line', number, `The line cannot be read: ${error.message}`)
    return problem('missing_required_parameter', number, error.message, error.param)
  }
  if (line.method !== 'POST') return problem('invalid_method', number, '`method` must be `POST`.', 'method')
  if (line.url !== endpoint)
    return problem('mismatched_url', number, `\`url\` must be the batch's endpoint, ${endpoint}.`, 'url')
  // By digest: fifty thousand long names would be held otherwise.
  const name = createHash('sha256').update(line.customId).digest('base64')
  if (seen.has(name)) {
    return problem('duplicate_custom_id', number, 'Another line before has this `custom_id`.', 'custom_id')
  }
  seen.add(name)
  return undefined
}

function problem(code: string, line: number | null, message: string, param: string | null = null): BatchProblem {
  return { code, line, message, param }
}
