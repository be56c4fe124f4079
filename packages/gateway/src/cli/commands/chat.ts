import { Command } from 'commander'
import { configOption, type GatewayOptions, jsonOption, keyOption, urlOption } from '../options.ts'
import type { Conversation } from '../conversation.ts'
import type { Terminal } from '../terminal.ts'

type Options = GatewayOptions & { readonly model?: string; readonly system?: string; readonly json?: true }

/** `sluice chat` */
export function chatCommand(terminal: Terminal): Command {
  return new Command('chat')
    .description('Talk to a model. Without a message: what is piped in, or a conversation on a terminal.')
    .argument('[message...]', 'what to say')
    .option('-m, --model <name>', "any name that the gateway resolves (default: the default provider's)")
    .option('-s, --system <text>', 'instructions for the model')
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .action((words: readonly string[], options: Options) => chat(words.join(' '), options, terminal))
}

async function chat(message: string, options: Options, terminal: Terminal): Promise<void> {
  const [{ openGateway }, { startConversation }, { SluiceError }] = await Promise.all([
    import('../open-gateway.ts'),
    import('../conversation.ts'),
    import('@sluice/protocol'),
  ])
  const interactive = message === '' && terminal.stdin.isTTY === true
  const said = message !== '' || interactive ? message : await readAll(terminal.stdin)
  if (!interactive && said === '') {
    throw new SluiceError('invalid_request', 'There is nothing to say: give a message, or pipe one in.')
  }
  const gateway = await openGateway(options, terminal)
  try {
    const conversation = startConversation(gateway, options.model, options.system)
    if (interactive) await converse(conversation, terminal)
    else if (options.json) terminal.stdout.write(`${JSON.stringify(await conversation.askWhole(said), undefined, 2)}\n`)
    else await say(conversation, said, terminal)
  } finally {
    await gateway.close()
  }
}

async function say(
  conversation: Conversation,
  message: string,
  terminal: Terminal,
  signal?: AbortSignal,
): Promise<void> {
  let last = '\n'
  try {
    for await (const text of conversation.ask(message, signal)) {
      terminal.stdout.write(text)
      last = text.at(-1) ?? last
    }
  } finally {
    if (last !== '\n') terminal.stdout.write('\n')
  }
}

/** Ctrl+C ends an answer, or, at the prompt, the conversation; so does Ctrl+D. */
async function converse(conversation: Conversation, terminal: Terminal): Promise<void> {
  const { createInterface } = await import('node:readline/promises')
  const { stdin: input, stdout: output } = terminal
  const lines = createInterface({ input, output, prompt: '> ' })
  let answering: AbortController | undefined
  lines.on('SIGINT', () => (answering === undefined ? lines.close() : answering.abort()))
  // Listens from here on: a line may come as soon as the prompt is there.
  const typed = lines[Symbol.asyncIterator]()
  lines.prompt()
  for await (const line of typed) {
    if (line.trim() !== '') {
      answering = new AbortController()
      // One failed answer does not end the conversation.
      await say(conversation, line, terminal, answering.signal).catch((error: unknown) => {
        terminal.stderr.write(`${error instanceof Error ? error.message : 'The answer failed.'}\n`)
      })
      answering = undefined
    }
    lines.prompt()
  }
  terminal.stdout.write('\n')
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces).toString('utf8').trimEnd()
}
