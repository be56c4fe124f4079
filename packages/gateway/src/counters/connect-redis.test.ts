import { connect, createServer, type Server, type Socket } from 'node:net'
import { createClient } from '@redis/client'
import { pino } from 'pino'
import { Secret } from 'sluice'
import { expect, onTestFinished, test } from 'vitest'
import { describeOnRedis } from '../../../../tests/servers/describe-on.ts'
import { startRedis } from '../../../../tests/servers/redis.ts'
import { connectRedis } from './connect-redis.ts'

interface Listening {
  readonly port: number
  readonly sockets: ReadonlySet<Socket>
}

/** Until the end of the test. @param handle whom it talks with. */
async function listen(handle: (socket: Socket) => void): Promise<Listening> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    handle(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as { port: number }).port, sockets }
}

/** A cluster of one node, which tells everybody that it is at another port. */
async function startAnnounced(port: number): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const cluster = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1']
  const server = await startRedis([...cluster, '--cluster-announce-port', String(port)])
  const client = createClient({ url: server.url })
  await client.connect()
  await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383'])
  client.destroy()
  return { url: server.url, stop: () => server.stop() }
}

const logger = pino({ level: 'silent' })

describeOnRedis('A cluster that is being connected to', () => {
  test('is left alone when the connection is closed, also by a node that says nothing', async () => {
    const silent = await listen((socket) => socket.resume())
    const server = await startAnnounced(silent.port)
    const redis = connectRedis(new Secret(server.url), logger)
    await expect.poll(() => silent.sockets.size).toBe(1)
    await redis.close()
    await expect.poll(() => silent.sockets.size).toBe(0)
    await server.stop()
  })

  test('also before its nodes are known', async () => {
    const behind = await startAnnounced(1)
    const { hostname, port, password } = new URL(behind.url)
    let asked = false
    const proxy = await listen((socket) => {
      const onward = connect(Number(port), hostname)
      onward.on('error', () => undefined).pipe(socket)
      socket
        .on('close', () => onward.destroy())
        .on('data', (data) => {
          if (data.includes('SLOTS')) asked = true
          else onward.write(data)
        })
    })
    const redis = connectRedis(new Secret(`redis://:${password}@127.0.0.1:${proxy.port}`), logger)
    await expect.poll(() => asked).toBe(true)
    await redis.close()
    await expect.poll(() => proxy.sockets.size, { timeout: 5_000 }).toBe(0)
    await behind.stop()
  })
})
