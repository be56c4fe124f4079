import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTestGateway } from '../start-test-gateway.ts'
import { agentTestTimeout, documentedSetup, makeFolders, runAgent, whyAbsent } from './run-agent.ts'

/** Claude Code, unmodified, with a provider behind the gateway that speaks nothing but Chat Completions. */
const absent = whyAbsent('claude-code')

interface Chat {
  readonly model: string
  readonly messages: readonly ChatMessage[]
  readonly tools?: readonly { readonly type: string; readonly function: { readonly name: string } }[]
}

interface ChatMessage {
  readonly role: string
  readonly content: unknown
  readonly tool_call_id?: string
  readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly name: string } }[]
}

function toolResults({ messages }: Chat): readonly ChatMessage[] {
  return messages.filter(({ role }) => role === 'tool')
}

/** Of lines `export NAME=value`. */
function variables(shell: string): Record<string, string> {
  return Object.fromEntries(Array.from(shell.matchAll(/^export (\w+)=(.*)$/gm), ([, name, value]) => [name, value]))
}

test('Claude Code reads a file, writes another and answers', { timeout: agentTestTimeout }, async ({ skip }) => {
  skip(absent !== undefined, absent)
  await using folders = await makeFolders()
  await using world = await startTestGateway({
    config: {
      server: { keys: ['caller-key'] },
      providers: { lab: { type: 'openai_compatible', speaks: ['openai-chat'] } },
      models: [{ id: 'lab/large', aliases: ['claude-opus-4-6'] }],
    },
  })
  const [note, copy] = [join(folders.work, 'note.txt'), join(folders.work, 'copy.txt')]
  await writeFile(note, 'The password is kestrel-42.\n')
  world.simulator.always((request) => {
    const chat = request.json() as Chat
    // What it asks besides, such as for a title, has no tools: it gets the usual.
    if (chat.tools === undefined) return undefined
    const results = toolResults(chat)
    const password = /kestrel-\d+/.exec(JSON.stringify(results))?.[0] ?? 'nothing'
    if (results.length === 0)
      return { reply: { text: 'I look.', toolCalls: [{ name: 'Read', arguments: { file_path: note } }] } }
    if (results.length === 1)
      return { reply: { toolCalls: [{ name: 'Write', arguments: { file_path: copy, content: password } }] } }
    return { reply: { text: `The file says ${password}, and I copied it.` } }
  })

  const args = ['-p', 'Copy the password of note.txt to copy.txt', '--output-format', 'json', '--max-turns', '5']
  const run = await runAgent('claude-code', [...args, '--allowedTools', 'Read,Write'], folders, {
    ...variables(
      documentedSetup('sh')
        .replace('http://127.0.0.1:8090', world.gateway.url)
        .replace('sk-caller-1', 'caller-key')
        .replaceAll('groq/openai/gpt-oss-120b', 'claude-opus-4-6'),
    ),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  })

  expect(run).toMatchObject({ status: 0 })
  expect(JSON.parse(run.output)).toMatchObject({
    is_error: false,
    num_turns: 3,
    permission_denials: [],
    result: 'The file says kestrel-42, and I copied it.',
  })
  expect(await readFile(copy, 'utf8')).toBe('kestrel-42')

  expect(new Set(world.simulator.requests.map(({ path }) => path))).toEqual(
    new Set(['/v1/models', '/v1/chat/completions']),
  )
  const sent = world.simulator.requests.at(-1)?.json() as Chat
  expect(sent.model).toBe('large')
  expect(sent.messages[0]?.role).toBe('system')
  const calls = sent.messages.flatMap((message) => message.tool_calls ?? [])
  expect(calls.map((call) => call.function.name)).toEqual(['Read', 'Write'])
  expect(toolResults(sent).map((message) => message.tool_call_id)).toEqual(calls.map(({ id }) => id))
  expect(toolResults(sent)[0]?.content).toContain('The password is kestrel-42.')
  expect(world.usage.map(({ outcome }) => outcome)).not.toContain('error')
  expect(world.log.filter(({ level }) => level >= 40)).toEqual([])
})
