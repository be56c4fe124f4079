import { PassThrough } from 'node:stream'
import { createProgram, withDescendants } from '../../packages/gateway/src/cli/program.ts'
import type { GeneratedFile } from './generator.ts'

/** The page of every command: what `--help` prints. */
export async function generateCommandLine(): Promise<readonly GeneratedFile[]> {
  const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const program = createProgram({ stdout, stderr, stdin, environment: {}, directory: '.' })
  const sections = withDescendants(program).map((command) => {
    const names: string[] = []
    for (let at: typeof command | null = command; at !== null; at = at.parent) names.unshift(at.name())
    const help = command.helpInformation().trimEnd()
    return `## \`${names.join(' ')}\`\n\n\`\`\`text\n${help}\n\`\`\`\n`
  })
  return [{ path: 'docs/cli.md', text: `${introduction}\n${sections.join('\n')}\n${ending}` }]
}

const introduction = `# Command line

\`\`\`sh
sluice serve                                  # start the gateway
sluice chat "Why is the sky blue?"            # one answer, as it comes
git diff | sluice chat -s "Write a commit message for this."
sluice chat                                   # a conversation
sluice models explain gpt-4o                  # which provider and model a name means, and why
sluice route explain smart --stream           # where a request would go, and why
sluice explain REQUEST_ID                     # which way one went at a running gateway
sluice providers                              # which are configured, and how they are
sluice config check                           # every mistake in the configuration, with its place
\`\`\`

In this repository, \`npm start\` is \`sluice serve\`. \`sluice chat\`, \`models\` and \`providers\` read the same configuration
and answer in their own process, so that no gateway need be running; with \`--url\` they ask one that is.

| variable | meaning |
|---|---|
| \`SLUICE_URL\` | as \`--url\`: the gateway to ask |
| \`SLUICE_KEY\` | as \`--key\`: the key to ask it with |
| \`SLUICE_ADMIN_KEY\` | the same, before \`SLUICE_KEY\`, for what manages: keys, sites, budgets, usage |
| \`NO_COLOR\` | no colours |

All others are those of the [configuration](configuration.md).

Results go to standard output, errors and remarks to standard error. With \`--json\` both are JSON; an error is
\`{"error":{"code","message"}}\`, with the [codes of the gateway](errors.md).

| exit code | means |
|---|---|
| 0 | done |
| 1 | failed: a provider, the network, an unknown model |
| 2 | wrong usage, or a mistake in the configuration |
| 130 | stopped by a second Ctrl+C |
`

const ending = `This page is written by \`npm run generate\` from the commands in \`packages/gateway/src/cli\`.
`
