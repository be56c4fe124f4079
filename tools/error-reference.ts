import { type ErrorCode, errorCodes } from '@sluice/protocol'
import { errorMeanings } from '../packages/protocol/src/errors/meanings.ts'

/** The text of docs/errors.md, made from the table of error codes. */
export function errorReference(): string {
  const table = Object.entries(errorCodes).map(
    ([code, { status, category, retryable }]) =>
      `| \`${code}\` | ${status} | ${category} | ${retryable ? 'yes' : 'no'} | ${meaningOf(code as ErrorCode)} |`,
  )
  return `# Error codes

Every error of Sluice has one of these codes. They are stable: codes are added, never renamed.

The gateway puts the code into the error body of the caller's API (\`error.code\` for OpenAI clients) beside a message
and the request's id, which is also in the header \`x-request-id\`. The library throws \`SluiceError\` with the same code in
\`error.code\`, the status in \`error.status\`, and whether retrying may help in \`error.retryable\`. If a provider sent another
status, or said whether to retry, that takes precedence over the table.

| code | status | category | retry | what it means, and what to do |
|---|---|---|---|---|
${table.join('\n')}

This page is written by \`npm run docs\` from \`codes.ts\` and \`meanings.ts\` in \`packages/protocol/src/errors\`; \`npm run check\` compares the two.
`
}

function meaningOf(code: ErrorCode): string {
  return errorMeanings[code].replaceAll('|', '\\|')
}
