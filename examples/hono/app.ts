import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { streamSSE } from 'hono/streaming'
import { type ChatInputMessage, createSluice, SluiceError } from 'sluice'

const sluice = createSluice()

export const app: Hono = new Hono()

app.post('/chat', async (context) => {
  const { messages } = await context.req.json<{ messages: ChatInputMessage[] }>()
  const { text, usage } = await sluice.chat(messages, { signal: context.req.raw.signal })
  return context.json({ text, usage })
})

/** GET /stream?question=…, for an EventSource. */
app.get('/stream', (context) => {
  const question = context.req.query('question')
  if (question === undefined) throw new HTTPException(400, { message: 'What is the question?' })
  const stream = sluice.stream(question, { signal: context.req.raw.signal })
  return streamSSE(context, async (events) => {
    for await (const data of stream.textStream) await events.writeSSE({ event: 'text', data })
    await events.writeSSE({ event: 'end', data: JSON.stringify((await stream.result()).usage) })
  })
})

app.onError((error) => {
  if (error instanceof HTTPException) return error.getResponse()
  if (!(error instanceof SluiceError)) throw error
  const { code, message, status } = error
  return Response.json({ error: { code, message } }, { status })
})
