import { SluiceError } from '@sluice/protocol'
import { Command } from 'commander'
import type { Trace } from '../../telemetry/trace-book.ts'
import { formatDecisions } from '../format-decisions.ts'
import { formatTable } from '../format-table.ts'
import { type GatewayOptions, jsonOption, keyOption, runningUrlOption } from '../options.ts'
import type { Terminal } from '../terminal.ts'

type Options = GatewayOptions & { readonly json?: true }

/** `sluice explain REQUEST_ID` */
export function explainCommand(terminal: Terminal): Command {
  return new Command('explain')
    .description('Tell which way a request went at a running gateway, and why.')
    .argument('<request-id>', 'x-request-id of its answer')
    .addOption(runningUrlOption())
    .addOption(keyOption())
    .addOption(jsonOption())
    .action((id: string, options: Options) => explainRequest(id, options, terminal))
}

async function explainRequest(id: string, options: Options, terminal: Terminal): Promise<void> {
  const url = options.url ?? terminal.environment['SLUICE_URL']?.trim()
  if (!url) {
    throw new SluiceError('invalid_config', 'Say which gateway answered the request: --url, or SLUICE_URL.')
  }
  const { openGateway } = await import('../open-gateway.ts')
  const gateway = await openGateway({ ...options, url }, terminal)
  try {
    const trace = (await (await gateway.request('GET', `/api/llm/traces/${encodeURIComponent(id)}`)).json()) as Trace
    terminal.stdout.write(options.json ? `${JSON.stringify(trace, undefined, 2)}\n` : formatTrace(trace, terminal))
  } finally {
    await gateway.close()
  }
}

function formatTrace(trace: Trace, terminal: Terminal): string {
  const { operation, stream, outcome, duration_ms: duration, cost_usd: cost, error } = trace
  const facts = [
    ['Request', `${trace.request_id} at ${trace.at}`],
    ['Asked', `${trace.model ?? 'no model'} (${operation}${stream ? ', streamed' : ''})`],
    ['Outcome', error === null ? outcome : `${outcome}: ${error.code}: ${error.message}`],
    ['Took', `${duration} ms`],
    ...(cost === null ? [] : [['Cost', `$${cost}`]]),
  ]
  const attempts = trace.attempts.map(({ target, plan, started_ms, took_ms, outcome: end, error: failure }, index) => [
    `  ${index + 1}`,
    target,
    plan,
    `at ${started_ms} ms`,
    `${took_ms} ms`,
    failure === undefined ? end : `${end}: ${failure.code}: ${failure.message}`,
  ])
  const calls = attempts.length === 0 ? '' : `Attempts\n${formatTable(attempts)}`
  return `${formatTable(facts)}${formatDecisions(trace.decisions, terminal)}${calls}`
}
