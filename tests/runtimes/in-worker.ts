import { type Peer, runScenarios } from './run-scenarios.ts'

const worker = {
  async fetch(request: Request): Promise<Response> {
    return Response.json(await runScenarios((await request.json()) as Peer))
  },
}
// Where workerd looks for it.
// oxlint-disable-next-line import/no-default-export
export { worker as default }
