import type { ChatDialect } from '@sluice/protocol'
import { chatDialects } from '@sluice/protocol/dialects'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** The dialects that callers speak. */
export const callers: readonly ChatDialect[] = chatDialects.filter(({ served }) => served !== undefined)

/** One provider for each dialect, `via-<dialect>`, with one model, `small`; all of them are the simulator. */
export function startMatrix(): Promise<TestGateway> {
  return startTestGateway({
    simulator: { models: ['small'] },
    providers: ({ url }) =>
      Object.fromEntries(
        chatDialects.map(({ id }) => [
          `via-${id}`,
          {
            type: 'openai_compatible',
            base_url: url,
            api_key: 'upstream-key',
            max_retries: 0,
            speaks: [id],
            models: ['small'],
            models_path: null,
          },
        ]),
      ),
  })
}
