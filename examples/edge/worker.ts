import { createSluice, SluiceError } from 'sluice'

/** For Cloudflare Workers and other runtimes that call `fetch(request, env)`: GET /?question=… */
export default {
  async fetch(request: Request, env: Readonly<Record<string, string>>): Promise<Response> {
    const question = new URL(request.url).searchParams.get('question')
    if (question === null) return new Response('What is the question?', { status: 400 })
    // An edge runtime gives its variables and secrets with the request.
    const sluice = createSluice({}, { environment: env })
    const stream = sluice.stream(question, { signal: request.signal })
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
      return new Response(body.pipeThrough(new TextEncoderStream()))
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      const { code, message, status } = error
      return Response.json({ error: { code, message } }, { status })
    }
  },
}
