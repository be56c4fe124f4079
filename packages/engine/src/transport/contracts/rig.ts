import { SluiceError } from '@sluice/protocol'
import { afterEach, beforeEach, expect } from 'vitest'
import type { BodyStream, Transport, UpstreamRequest } from '../transport.ts'
import type { LoopbackServer } from './loopback-server.ts'
import { Recorder } from './recorder.ts'

/** A fresh transport for each test, with its servers and calls; closed and checked after it. */
export interface Rig {
  readonly transport: Transport
  using(server: Promise<LoopbackServer>): Promise<LoopbackServer>
  send(request: UpstreamRequest, recorder?: Recorder): Recorder
}

export function createRig(create: () => Transport): Rig {
  let transport: Transport
  const servers: LoopbackServer[] = []
  const recorders: Recorder[] = []

  beforeEach(() => {
    transport = create()
  })

  afterEach(async () => {
    await transport.close()
    for (const server of servers.splice(0)) await server.close()
    expect(recorders.splice(0).flatMap((recorder) => recorder.violations)).toEqual([])
  })

  return {
    get transport() {
      return transport
    },
    async using(server) {
      const started = await server
      servers.push(started)
      return started
    },
    send(request, recorder = new Recorder()) {
      recorders.push(recorder)
      recorder.flow = transport.send(request, recorder)
      return recorder
    },
  }
}

const encoder = new TextEncoder()

export interface RequestOptions {
  method?: 'POST' | 'GET'
  path?: string
  headers?: readonly string[]
  body?: readonly (string | Uint8Array)[] | BodyStream
  connect?: number
  firstByte?: number
  idle?: number
}

export function requestTo(origin: string, options: RequestOptions = {}): UpstreamRequest {
  const {
    method = 'POST',
    path = '/',
    headers = [],
    body = ['{}'],
    connect = 5_000,
    firstByte = 10_000,
    idle = 10_000,
  } = options
  return {
    destination: { origin, path, headers },
    method,
    body: method === 'GET' ? [] : 'size' in body ? body : body.map(bytesOf),
    timeouts: { connect, firstByte, idle },
  }
}

function bytesOf(piece: string | Uint8Array): Uint8Array {
  return typeof piece === 'string' ? encoder.encode(piece) : piece
}

/** The failure with which the call ends; a test fails when it ends well. */
export async function failure(recorder: Recorder): Promise<SluiceError> {
  const outcome = await recorder.outcomeOf()
  if (!(outcome instanceof SluiceError))
    throw new Error(`expected a failure, got ${outcome} with ${recorder.body.toString()}`)
  // Nothing of addresses, libraries or secrets.
  expect(outcome.message).not.toMatch(/127\.0\.0\.1|UND_|HPE_|ECONN|secret|undefined/)
  return outcome
}
