/**
 * The Node floor: the least a proxy of this kind can do. `node floor.ts PORT UPSTREAM`
 * parses the request's JSON, replaces the model's name, and relays the answer as it comes.
 */
import { createServer } from 'node:http'
import { Pool } from 'undici'

const [port, upstream] = process.argv.slice(2) as [string, string]
const pool = new Pool(upstream, { pipelining: 1, allowH2: false })

const server = createServer((request, response) => {
  if (request.method === 'GET') return void response.end('ok')
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    const body = JSON.parse(Buffer.concat(pieces).toString()) as { model: string }
    body.model = 'qwen'
    const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-upstream' }
    pool.dispatch(
      { path: '/v1/chat/completions', method: 'POST', headers, body: JSON.stringify(body) },
      {
        onRequestStart: (controller) => {
          response.on('close', () => response.writableFinished || controller.abort(new Error('the caller left')))
          response.on('drain', () => controller.resume())
        },
        onResponseStart: (_controller, status, { connection, 'transfer-encoding': encoding, ...rest }) => {
          response.writeHead(status, rest)
        },
        onResponseData: (controller, chunk) => {
          if (!response.write(chunk)) controller.pause()
        },
        onResponseEnd: () => response.end(),
        onResponseError: () => (response.headersSent ? response.destroy() : response.writeHead(502).end()),
      },
    )
  })
})

server.listen(Number(port), '127.0.0.1')
process.on('SIGTERM', () => process.exit())
