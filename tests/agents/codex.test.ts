import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import {
  type AgentFolders,
  type AgentRun,
  agentTestTimeout,
  documentedSetup,
  makeFolders,
  runAgent,
  whyAbsent,
} from './run-agent.ts'

/** Codex, unmodified, with a provider behind the gateway that speaks nothing but Anthropic's Messages. */
const absent = whyAbsent('codex')

interface Messages {
  readonly model: string
  readonly system?: unknown
  readonly messages: readonly { readonly role: string; readonly content: string | readonly Block[] }[]
  readonly tools?: readonly { readonly name: string; readonly input_schema: unknown }[]
}

interface Block {
  readonly type: string
  readonly id?: string
  readonly name?: string
  readonly input?: unknown
  readonly tool_use_id?: string
  readonly content?: unknown
}

function blocks({ messages }: Messages, type: string): readonly Block[] {
  return messages
    .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
    .filter((it) => it.type === type)
}

/** The names by which Codex knows models of OpenAI's, and with them what tools it sends. */
function startGateway(aliases: readonly string[] = []): Promise<TestGateway> {
  return startTestGateway({
    config: {
      server: { keys: ['caller-key'] },
      providers: {
        lab: { type: 'openai_compatible', speaks: ['anthropic-messages'], models: ['small'], models_path: null },
      },
      models: [{ id: 'lab/small', aliases: [...aliases] }],
    },
  })
}

async function runCodex(world: TestGateway, folders: AgentFolders, model: string, task: string): Promise<AgentRun> {
  const config = `
check_for_update_on_startup = false
analytics.enabled = false
features.plugins = false
${documentedSetup('toml')
  .replace('http://127.0.0.1:8090/v1', world.url)
  .replace(/^model = .*$/m, `model = "${model}"`)}`
  await writeFile(join(folders.home, 'config.toml'), config)
  const args = ['exec', '--json', '--skip-git-repo-check', '--sandbox', 'danger-full-access', task]
  return runAgent('codex', args, folders, { CODEX_HOME: folders.home, SLUICE_KEY: 'caller-key' })
}

/** What its last event of this kind says. */
function lastItem(run: AgentRun, type: string): unknown {
  const items = run.output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { type: string; item?: { type: string } })
  return items.findLast((event) => event.type === 'item.completed' && event.item?.type === type)?.item
}

function expectWellAnswered(world: TestGateway): Messages {
  expect(new Set(world.simulator.requests.map(({ path }) => path))).toEqual(new Set(['/v1/messages']))
  const sent = world.simulator.requests.at(-1)?.json() as Messages
  expect(blocks(sent, 'tool_result').map((block) => block.tool_use_id)).toEqual(
    blocks(sent, 'tool_use').map(({ id }) => id),
  )
  expect(world.usage.map(({ outcome }) => outcome)).not.toContain('error')
  expect(world.log.filter(({ level }) => level >= 40)).toEqual([])
  return sent
}

test('Codex runs a command and answers', { timeout: agentTestTimeout }, async ({ skip }) => {
  skip(absent !== undefined, absent)
  await using folders = await makeFolders()
  await using world = await startGateway()
  await writeFile(join(folders.work, 'note.txt'), 'The password is kestrel-42.\n')
  world.simulator.always((request) => {
    const result = JSON.stringify(blocks(request.json() as Messages, 'tool_result'))
    const password = /kestrel-\d+/.exec(result)?.[0]
    if (password !== undefined) return { reply: { text: `The file says ${password}.` } }
    return { reply: { text: 'I look.', toolCalls: [{ name: 'exec_command', arguments: { cmd: 'cat note.txt' } }] } }
  })

  const run = await runCodex(world, folders, 'lab/small', 'What is the password in note.txt?')

  expect(run).toMatchObject({ status: 0 })
  expect(lastItem(run, 'command_execution')).toMatchObject({
    exit_code: 0,
    aggregated_output: 'The password is kestrel-42.\n',
  })
  expect(lastItem(run, 'agent_message')).toMatchObject({ text: 'The file says kestrel-42.' })
  const sent = expectWellAnswered(world)
  expect(sent.system).toContain('You are a coding agent')
  expect(blocks(sent, 'tool_use')).toMatchObject([{ name: 'exec_command' }])
})

test('Codex edits a file by a tool that takes free text', { timeout: agentTestTimeout }, async ({ skip }) => {
  skip(absent !== undefined, absent)
  await using folders = await makeFolders()
  await using world = await startGateway(['gpt-5.5'])
  await writeFile(join(folders.work, 'note.txt'), 'The password is kestrel-42.\n')
  const patch = `*** Begin Patch
*** Update File: note.txt
@@
-The password is kestrel-42.
+The password is "osprey\\7".
*** End Patch
`
  world.simulator.always((request) => {
    const [result] = blocks(request.json() as Messages, 'tool_result')
    if (result !== undefined) return { reply: { text: 'I changed it.' } }
    return { reply: { toolCalls: [{ name: 'apply_patch', arguments: { input: patch } }] } }
  })

  const run = await runCodex(world, folders, 'gpt-5.5', 'Change the password in note.txt.')

  expect(run).toMatchObject({ status: 0 })
  expect(await readFile(join(folders.work, 'note.txt'), 'utf8')).toBe('The password is "osprey\\7".\n')
  expect(lastItem(run, 'agent_message')).toMatchObject({ text: 'I changed it.' })
  const sent = expectWellAnswered(world)
  expect(blocks(sent, 'tool_use')).toMatchObject([{ name: 'apply_patch', input: { input: patch } }])
  expect(JSON.stringify(blocks(sent, 'tool_result'))).toContain('Success')
})

test('Codex runs a script with tools that come in its input', { timeout: agentTestTimeout }, async ({ skip }) => {
  skip(absent !== undefined, absent)
  await using folders = await makeFolders()
  await using world = await startGateway(['gpt-6.1-sol'])
  await writeFile(join(folders.work, 'note.txt'), 'The password is kestrel-42.\n')
  const script = "const { output } = await tools.exec_command({ cmd: 'cat note.txt' })\ntext(output)"
  world.simulator.always((request) => {
    const result = JSON.stringify(blocks(request.json() as Messages, 'tool_result'))
    const password = /kestrel-\d+/.exec(result)?.[0]
    if (password !== undefined) return { reply: { text: `The file says ${password}.` } }
    return { reply: { toolCalls: [{ name: 'functions__exec', arguments: { input: script } }] } }
  })

  const run = await runCodex(world, folders, 'gpt-6.1-sol', 'What is the password in note.txt?')

  expect(run).toMatchObject({ status: 0 })
  expect(lastItem(run, 'command_execution')).toMatchObject({ exit_code: 0 })
  expect(lastItem(run, 'agent_message')).toMatchObject({ text: 'The file says kestrel-42.' })
  const sent = expectWellAnswered(world)
  expect(sent.tools?.map(({ name }) => name)).toContain('collaboration__spawn_agent')
})
