import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Simulator, startSimulator } from '@sluice/simulator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CodeBlock, readCodeBlocksOf, root } from '../docs/read-code-blocks.ts'
import { runProgram } from '../run-program.ts'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

// The page's examples are run as they stand, each in a process of its own.

const examples = readCodeBlocksOf('docs/library.md').filter(({ language }) => language === 'ts')

/** What each says, in its order; anything for what is not listed. */
const expected: Readonly<Record<string, RegExp>> = {
  Start: /You said: Hello openai-compatible \d+/,
  Configuration: /^1 .*Hello\nlab\/small\n$/,
  'A gateway in its place': /Hello\n\[.*'lab: healthy'/s,
  Streams: /stop\ntrue .*\ntrue\n$/s,
  Tools: /drizzle.* 2 \d+\n$/s,
  'Tools in a stream': /^\(clock\)\n.*\d{4}-\d\d-.*2\n$/s,
  'Answers in the form of a schema': /^[A-Z ]+ \d+/,
  'Everything else': /^2 1 false 1 .* true\n\d+ set healthy/,
  Prompts: /^.*Ada\. \[ 'You write in a dry voice\.', 'Say hello to Ada\.' \]\n$/s,
  Content: /Introduce Bergen \d+\n(?:true true\n)+[1-5]\ntrue true\n$/s,
  Middleware: /^openai-compatible small 1 \d+ undefined\n.*Tell me a \[…\]\n.*Tell me a \[…\]$/s,
  'Many at once': /3\/3, 0 failed\n/,
  'Only what is used': /Hello \d+ 1\n.*Hello again$/s,
  'How models are called elsewhere': /^anthropic\/claude-3-sonnet\ngpt-4\n/,
  'As earlier systems have it': /^true .*Hello\n.*Hello\n?.* small \d+ openai-compatible\nopenai-compatible\n$/s,
}

const project = mkdtempSync(join(tmpdir(), 'sluice-library-'))
let simulator: Simulator
let world: TestGateway
beforeAll(async () => {
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'))
  writeFileSync(join(project, 'package.json'), '{"type":"module"}')
  simulator = await startSimulator({ models: ['small'], apiKey: 'lab-key' })
  world = await startTestGateway({ config: { server: { keys: ['caller-key'] } } })
})
afterAll(async () => {
  rmSync(project, { recursive: true })
  await simulator.close()
  await world.close()
})

async function run({ section, code }: CodeBlock): Promise<string> {
  const file = join(project, `${section.replaceAll(/\W+/g, '-')}.ts`)
  writeFileSync(file, code)
  const { said } = await runProgram(process.execPath, ['--conditions=sluice-source', file], {
    folder: project,
    environment: {
      LAB_URL: simulator.url,
      LAB_KEY: 'lab-key',
      GATEWAY_URL: world.gateway.url,
      OPENAI_COMPATIBLE_BASE_URL: simulator.url,
      OPENAI_COMPATIBLE_API_KEY: 'lab-key',
      OPENAI_COMPATIBLE_DEFAULT_MODEL: 'small',
    },
  })
  return said
}

describe('docs/library.md', () => {
  test('has the examples that are expected', () => {
    expect(examples.map(({ section }) => section)).toEqual(Object.keys(expected))
  })

  test.each(examples)('$section', async (example) => {
    expect(await run(example)).toMatch(expected[example.section] ?? /./)
  })
})
