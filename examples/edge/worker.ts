import { createSluice } from 'sluice'

/** For Cloudflare Workers and other runtimes that call `fetch(request, env)`: GET /?question=… */
export default {
  async fetch(request: Request, env: Readonly<Record<string, string>>): Promise<Response> {
    const question = new URL(request.url).searchParams.get('question')
    if (question === null) return new Response('What is the question?', { status: 400 })
    // An edge runtime gives its variables and secrets with the request.
    const sluice = createSluice({}, { environment: env })
    const stream = sluice.stream(question, { signal: request.signal })
    const pieces = stream.textStream[Symbol.asyncIterator]()
    const body = new ReadableStream<string>({
      async pull(controller) {
        const { done, value } = await pieces.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      cancel: () => stream.cancel(),
    })
    return new Response(body.pipeThrough(new TextEncoderStream()))
  },
}
