import { errorCodes } from '@sluice/protocol'

/** The text of docs/errors.md, made from the table of error codes. */
export function errorReference(): string {
  const table = Object.entries(errorCodes).map(
    ([code, { status, category, retryable, meaning }]) =>
      `| \`${code}\` | ${status} | ${category} | ${retryable ? 'yes' : 'no'} | ${meaning.replaceAll('|', '\\|')} |`,
  )
  return `# Error codes

Every failure that Sluice answers with carries one of these codes. They are stable: codes are added, never renamed.

The gateway puts the code into the error body of the caller's API (\`error.code\` for OpenAI clients) beside a message
and the request's id, which is also in the header \`x-request-id\`. The library throws \`SluiceError\` with the same code in
\`error.code\`, the status in \`error.status\`, and whether asking again may help in \`error.retryable\`. Where a provider
gave an own status or said itself whether to retry, that goes before the table.

| code | status | category | retry | meaning and way out |
|---|---|---|---|---|
${table.join('\n')}

This page is written by \`npm run docs\` from \`packages/protocol/src/errors/codes.ts\`; \`npm run check\` compares the two.
`
}
