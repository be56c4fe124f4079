import { type ChatInputMessage, createSluice, SluiceError } from 'sluice'

const sluice = createSluice()

/** POST { messages }, answered with text as it comes. */
export async function POST(request: Request): Promise<Response> {
  const { messages } = (await request.json()) as { messages: ChatInputMessage[] }
  // The signal: a visitor who leaves ends the provider's work.
  const stream = sluice.stream({ messages, max_tokens: 1000 }, { signal: request.signal })
  const pieces = stream.textStream[Symbol.asyncIterator]()
  try {
    // A failure before the first piece is an answer of its own, with its status.
    let next = await pieces.next()
    const body = new ReadableStream<string>({
      async pull(controller) {
        if (next.done === true) return controller.close()
        controller.enqueue(next.value)
        next = await pieces.next()
      },
      cancel: () => stream.cancel(),
    })
    const headers = { 'content-type': 'text/plain; charset=utf-8' }
    return new Response(body.pipeThrough(new TextEncoderStream()), { headers })
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    const { code, message, status } = error
    return Response.json({ error: { code, message } }, { status })
  }
}
