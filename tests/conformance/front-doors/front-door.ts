import { type Simulator, startSimulator } from '@sluice/simulator'
import OpenAI from 'openai'
import { type ChatInputRequest, type ConfigInput, createSluice, type ErrorCode, SluiceError, type Usage } from 'sluice'
import { startTestGateway } from '../../start-test-gateway.ts'

export type ChatRequest = ChatInputRequest & { readonly model: string }

/** How one request ended, in words that do not tell by which door it came. */
export interface Outcome {
  /** All of it, or what came before a failure. */
  readonly text: string
  readonly refusal: string | undefined
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly input: string }[]
  readonly finishReason: string | null | undefined
  readonly usage: Usage | undefined
  readonly provider: string | undefined
  readonly attempts: number | undefined
  readonly error: ErrorCode | undefined
}

/** A way into Sluice, with the simulator behind it. */
export interface FrontDoor extends AsyncDisposable {
  readonly simulator: Simulator
  ask(request: ChatRequest, stream: boolean): Promise<Outcome>
}

export type OpenFrontDoor = (config: ConfigInput) => Promise<FrontDoor>

const nothing: Outcome = {
  text: '',
  refusal: undefined,
  toolCalls: [],
  finishReason: undefined,
  usage: undefined,
  provider: undefined,
  attempts: undefined,
  error: undefined,
}

/** The gateway, by the official client. */
export async function openOverHttp(config: ConfigInput): Promise<FrontDoor> {
  const setup = await startTestGateway({ config })
  const client = new OpenAI({ baseURL: setup.url, apiKey: 'any', maxRetries: 0 })

  async function ask(request: ChatRequest, stream: boolean): Promise<Outcome> {
    const count = setup.usage.length
    const answer = await askClient(client, request as unknown as OpenAI.ChatCompletionCreateParams, stream)
    const { usage, provider, attempts, finishReason, errorCode } = await setup.settled(count)
    if (errorCode !== undefined) return { ...nothing, text: answer.text, error: errorCode as ErrorCode }
    return { ...answer, usage, provider, attempts, finishReason }
  }
  return { simulator: setup.simulator, ask, [Symbol.asyncDispose]: setup.close }
}

async function askClient(
  client: OpenAI,
  request: OpenAI.ChatCompletionCreateParams,
  stream: boolean,
): Promise<Outcome> {
  const { stream: _, ...body } = request
  let text = ''
  try {
    let completion: OpenAI.ChatCompletion
    if (stream) {
      const runner = client.chat.completions.stream(body)
      for await (const { choices } of runner) text += choices[0]?.delta.content ?? ''
      completion = await runner.finalChatCompletion()
    } else {
      completion = await client.chat.completions.create(body)
      text = completion.choices[0]?.message.content ?? ''
    }
    const message = completion.choices[0]?.message
    const toolCalls = (message?.tool_calls ?? []).flatMap((call) =>
      call.type === 'function'
        ? [{ id: call.id, name: call.function.name, input: call.function.arguments }]
        : [{ id: call.id, name: call.custom.name, input: call.custom.input }],
    )
    return { ...nothing, text, refusal: message?.refusal ?? undefined, toolCalls }
  } catch (error) {
    if (!(error instanceof OpenAI.APIError)) throw error
    return { ...nothing, text }
  }
}

/** The library, by its own calls; set up as the gateway is. */
export async function openInProcess(config: ConfigInput): Promise<FrontDoor> {
  const simulator = await startSimulator({ models: ['small', 'large'] })
  const lab = {
    type: 'openai_compatible',
    name: 'Lab',
    base_url: simulator.url,
    api_key: 'upstream-key',
    max_retries: 0,
  }
  const input = { default_provider: 'lab', ...config, providers: { lab: { ...lab, ...config.providers?.['lab'] } } }
  const sluice = createSluice(input, { environment: {} })

  async function ask(request: ChatRequest, stream: boolean): Promise<Outcome> {
    let text = ''
    try {
      let answer
      if (stream) {
        const streamed = sluice.stream(request)
        for await (const piece of streamed.textStream) text += piece
        answer = await streamed.result()
      } else answer = await sluice.chat(request)
      const { refusal, finishReason, usage, provider, attempts } = answer
      const toolCalls = answer.toolCalls.map(({ id, name, input }) => ({ id, name, input }))
      return { text: answer.text, refusal, toolCalls, finishReason, usage, provider, attempts, error: undefined }
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      return { ...nothing, text, error: error.code }
    }
  }
  return {
    simulator,
    ask,
    async [Symbol.asyncDispose]() {
      await sluice.close()
      await simulator.close()
    },
  }
}
